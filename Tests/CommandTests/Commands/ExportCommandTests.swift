import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

@Suite struct ExportCommandTests {
  private let small = ["--hidden", "2", "--input", "3"]

  @Test func writesAModelThatCanBeRead() throws {
    try withTemporaryFolder { folder in
      let (path, example) = (folder + "/a.onnx", folder + "/a.npz")
      let result = ebb(["export", "--cell", "gru", "-o", path, "--example", example, "--length", "4"] + small)
      #expect(result.status == 0 && result.output.isEmpty, "\(result.messages)")
      let model = try ONNXModel(contentsOf: path)
      #expect(model.graph.nodes.map(\.type) == ["GRU", "Squeeze"])
      #expect(model.graph.inputs == [ONNXValue("x", .float32, [.symbol("t"), .symbol("b"), .fixed(3)])])
      let tensors = try TensorFile.read(example)
      #expect(tensors.mapValues(\.dimensions) == ["input.x": [4, 3, 3], "output.y": [4, 3, 2]])
    }
  }

  @Test func listsWithoutAFile() {
    let listed = ebb(["export", "--cell", "lstm", "--layers", "2", "--bidirectional", "--ragged"] + small)
    #expect(listed.status == 0)
    #expect(listed.output.hasPrefix("operators of onnx 17\ninput lengths: int32 [b]\n"))
    #expect(listed.output.contains("layer1.LSTM.Y = LSTM(Reshape, layer1.W,"))
    let equations = ebb(["export", "--cell", "h_t = tanh(W x_t + U h_{t-1} + b)"] + small)
    #expect(equations.output.contains(" = RNN("), "\(equations.messages)")
  }

  @Test func numbersAreJSON() throws {
    let result = ebb(["export", "--cell", "cifg", "--json"] + small)
    let json = try JSONValue(parsing: result.output)
    #expect(json.object?["operators"]?.object?["Scan"] == .integer(1))
    #expect(
      json.object?["outputs"] == [["name": "y", "element": "float", "shape": ["t", "b", 2]]])
  }

  /// A trained model has everything in its file.
  @Test func modelsAreExported() throws {
    try withTemporaryFolder { folder in
      let model = folder + "/m.safetensors"
      let text = folder + "/t.txt"
      try String(repeating: "the quick brown fox. ", count: 40).write(toFile: text, atomically: true, encoding: .utf8)
      let trained = ebb(
        "text", "train", text, "--steps", "2", "--hidden", "4", "--batch", "2", "--window", "5", "--save", model)
      #expect(trained.status == 0, "\(trained.messages)")
      let result = ebb("export", model, "-o", folder + "/m.onnx", "--example", folder + "/m.npz")
      #expect(result.status == 0, "\(result.messages)")
      let graph = try ONNXModel(contentsOf: folder + "/m.onnx").graph
      #expect(graph.operatorCounts["LSTM"] == 2 && graph.operatorCounts["Scan"] == nil)
      #expect(graph.inputs.map(\.name) == ["tokens"] && graph.outputs.map(\.name) == ["logits"])
      let wrong = ebb("export", model, "--cell", "gru")
      #expect(wrong.status == 2 && wrong.messages.contains("--cell is for a cell"), "\(wrong.messages)")
    }
  }

  @Test func weightsComeFromAFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/w.npz"
      let tensors = [
        "recurrent.weight": Tensor([5, 2], [Float](repeating: 0.5, count: 10)),
        "recurrent.bias": Tensor([2], [1, 2] as [Float]),
      ]
      try TensorFile.write(tensors, to: path)
      let result = ebb(["export", "--cell", "rnn", "--weights", path, "-o", folder + "/a.onnx"] + small)
      #expect(result.status == 0, "\(result.messages)")
      let initializers = try ONNXModel(contentsOf: folder + "/a.onnx").graph.initializers
      #expect(initializers.first { $0.name == "B" }?.numbers == .float32([1, 2, 0, 0]))
      try TensorFile.write(["recurrent.weight": tensors["recurrent.bias"] ?? Tensor([], [0] as [Float])], to: path)
      let wrong = ebb(["export", "--cell", "rnn", "--weights", path] + small)
      #expect(wrong.status == 1)
      #expect(wrong.messages.contains("parameter: recurrent.weight is given as f32 [2]; it takes f32 [5, 2]"))
    }
  }

  @Test func modulesOfStableHLO() throws {
    try withTemporaryFolder { folder in
      let (path, example) = (folder + "/a.mlir", folder + "/a.npz")
      let result = ebb(
        "export", "--cell", "gru", "-o", path, "--example", example, "--gradient", "--shape", "4,2,3,2", "--json", "-")
      #expect(result.status == 0, "\(result.messages)")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.hasPrefix("module @gru {\n  func.func public @main(\n      %x: tensor<4x2x3xf32>,\n"))
      let numbers = try JSONValue(parsing: result.output)
      #expect(numbers["outputs"]?.array?.first?["name"]?.string == "loss")
      let tensors = try TensorFile.read(example)
      #expect(tensors["output.loss"]?.dimensions == [])
      #expect(tensors["input.update.bias"]?.dimensions == [2])
      let divided = ebb("export", "--cell", "rnn", "--format", "stablehlo", "--shape", "4,2,3,2", "--devices", "2")
      #expect(
        divided.output.contains(
          ##"%x: tensor<4x2x3xf32> {sdy.sharding = #sdy.sharding<@devices, [{}, {"rows"}, {}]>}"##))
      let odd = ebb("export", "--cell", "rnn", "--format", "stablehlo", "--shape", "4,3,3,2", "--devices", "2")
      #expect(odd.messages.contains("axis b has length 3, which 2 devices do not divide"))
    }
    #expect(ebb("export", "--gradient").messages.contains("--gradient is for --format stablehlo"))
    #expect(
      ebb("export", "--format", "stablehlo", "--shape", "1,1,1,1", "--hidden", "2").messages
        .contains("--shape already says what --hidden does"))
    #expect(
      ebb("export", "--format", "stablehlo", "--gradient", "--ragged").messages
        .contains("--gradient is that of sequences of one length"))
  }

  @Test func formatsAndNamesAgree() {
    #expect(ebb("export", "--format", "onnx").messages.contains("give a file for it, as -o model.onnx"))
    #expect(ebb("export", "--format", "text", "-o", "a.onnx").messages.contains("does not go with the name 'a.onnx'"))
    #expect(ebb("export", "-o", "a.png").messages.contains("possible is .onnx, .mlir, .txt"))
  }
}
