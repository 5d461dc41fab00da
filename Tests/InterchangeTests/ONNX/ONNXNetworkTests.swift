import EbbCells
import EbbExecution
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Networks of models of ONNX compute what onnxruntime and PyTorch compute with them.
@Suite struct ONNXNetworkTests {
  /// A model of Tests/Vectors/onnx.
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var words: String
    /// Whether the model gives its output after the last step alone.
    var isFinal = false
    var tolerance = 1e-5
    var testDescription: String { name }
  }

  private static let between =
    "linear 4 → LSTM, 4 → 3 units → relu 2 → GRU, reset after the product, both directions, 2 → 4 units → layer "
    + "normalisation → linear 2"

  static let cases: [Case] = [
    Case(name: "lstm", words: "LSTM, 2 → 3 units"),
    Case(name: "peephole", words: "LSTM with peepholes, both directions, 2 → 3 units"),
    Case(name: "coupled", words: "LSTM with coupled gates, 2 → 3 units"),
    Case(
      name: "coupled-peephole", words: "LSTM with coupled gates and peepholes, both directions, 2 → 3 units"),
    Case(name: "gru-before", words: "GRU, reset before the product, both directions, 2 → 3 units"),
    Case(name: "gru-after", words: "GRU, reset after the product, 2 → 3 units"),
    Case(name: "rnn-reverse", words: "RNN, backward in time, 2 → 3 units"),
    Case(name: "layout", words: "GRU, reset before the product, both directions, 2 → 3 units"),
    Case(name: "half", words: "RNN, 2 → 3 units"),
    Case(
      name: "tf2onnx",
      words: "embedding 5 × 2 → LSTM, both directions, 2 → 3 units → LSTM, 6 → 3 units → linear 4"),
    Case(name: "computed", words: "RNN, 2 → 3 units"),
    Case(name: "torch-plain", words: "LSTM, 2 → 3 units"),
    Case(name: "torch-between", words: between),
    Case(name: "torch-unfolded", words: between),
    Case(name: "torch-external", words: between),
    Case(
      name: "torch-residual",
      words: "linear 4 → LSTM, 4 → 4 units plus its input → layer normalisation → GRU, reset after the product, both "
        + "directions, 4 → 2 units plus its input → layer normalisation → linear 2"),
    Case(
      name: "torch-final",
      words: "GRU, reset after the product, 2 → 3 units → GRU, reset after the product, 3 → 3 units → linear 4",
      isFinal: true),
    Case(name: "torch-final-dynamo", words: "LSTM, 2 → 3 units → LSTM, 3 → 3 units → linear 4", isFinal: true),
    Case(name: "torch-step", words: "RNN, 2 → 3 units → sigmoid 1", isFinal: true),
    Case(
      name: "torch-trained-tagger-float64",
      words: "LSTM, both directions, 3 → 4 units → LSTM, both directions, 8 → 4 units → linear 3", tolerance: 1e-12),
    Case(
      name: "torch-trained-tagger-float32",
      words: "LSTM, both directions, 3 → 4 units → LSTM, both directions, 8 → 4 units → linear 3"),
    Case(name: "torch-trained-characters-float64", words: "embedding 11 × 4 → LSTM, 4 → 6 units → linear 11"),
    Case(name: "torch-trained-characters-float32", words: "embedding 11 × 4 → LSTM, 4 → 6 units → linear 11"),
  ]

  static func path(_ name: String) -> String { PeerVector.path("onnx/\(name).onnx") }

  /// The outputs of a network for an input with its steps first.
  static func outputs(_ network: TrainedNetwork, _ x: Tensor) throws -> Tensor? {
    let recording = try Recording(element: network.element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let input = scope.input("x", Array(x.dimensions[2...]), over: [time, batch], as: x.element)
      scope.output("y", scope.over(time).run(network, input))
    }
    return try Executable(recording.graph).run(Bindings(network.parameters.merging(["x": x]) { $1 }))["y"]
  }

  @Test(arguments: cases)
  func networksComputeTheSame(_ test: Case) throws {
    let file = try TensorFile.contents(of: Self.path(test.name))
    let network = try TrainedNetwork(file)
    #expect(network.description == "ONNX: " + test.words)
    let x = try #require(file.tensors["example.x"])
    let expected = try #require(file.tensors["example.y"])
    let found = try #require(try Self.outputs(network, x))
    // Of final states only those of the last step are there.
    let steps =
      test.isFinal
      ? Tensor(Array(found.dimensions[1...]), Array(found.doubles.suffix(expected.count)), as: found.element) : found
    #expect(difference(steps, expected) < test.tolerance)
    let notes = network.notes + file.notes
    #expect(notes.contains { $0.contains("to final states alone") } == test.isFinal, "\(notes)")
  }

  /// What has no cell here is refused by the name of its node.
  @Test func whatHasNoCellIsRefused() throws {
    func message(_ model: ONNXModel) -> String {
      do {
        return try TrainedNetwork(TensorFile.contents(of: model.bytes, source: "model.onnx")).description
      } catch {
        return "\(error)"
      }
    }
    let affine = try ONNXModel(contentsOf: Self.path("rnn-affine"))
    #expect(message(affine).contains("layer was made with activations ScaledTanh(0.9, 0.5)"), "\(message(affine))")

    var clipped = try ONNXModel(contentsOf: Self.path("rnn-reverse"))
    clipped.graph.nodes[0].attributes.append(ONNXAttribute("clip", .float(2)))
    #expect(message(clipped).contains("layer was made with clip 2.0"), "\(message(clipped))")

    // A sum stands between the layers.
    var residual = try ONNXModel(contentsOf: Self.path("torch-final-dynamo"))
    let second = try #require(residual.graph.nodes.lastIndex { $0.type == "LSTM" })
    residual.graph.nodes.insert(
      ONNXNode("Add", [residual.graph.nodes[second].inputs[0], "val"], ["sum"]), at: second)
    residual.graph.nodes[second + 1].inputs[0] = "sum"
    #expect(message(residual).contains("reads sum (Add)"), "\(message(residual))")

    // A layer whose output is read alone and in a sum: the second sum is not followed, and nothing behind it.
    let twice = try ONNXModel(contentsOf: Self.path("torch-residual-twice"))
    #expect(message(twice).hasSuffix("4 → 2 units plus its input"), "\(message(twice))")
    var alone = try ONNXModel(contentsOf: Self.path("torch-residual"))
    let gru = try #require(alone.graph.nodes.firstIndex { $0.type == "GRU" })
    let rawOutput = try #require(
      alone.graph.nodes.first { $0.type == "Add" && $0.inputs.contains("/before/Add_output_0") })
    let sequence = try #require(rawOutput.inputs.first { $0 != "/before/Add_output_0" })
    // The second layer reads the first one, and not the normalised sum.
    let turned = try #require(alone.graph.nodes[..<gru].lastIndex { $0.type == "Transpose" })
    alone.graph.nodes[turned].inputs[0] = sequence
    #expect(!message(alone).contains("LSTM, 4 → 4 units plus its input"), "\(message(alone))")

    // Another power than the square is no variance, and another dimension none of the features.
    for (type, change) in [("Pow", "Mul"), ("Sqrt", "Exp")] {
      var other = try ONNXModel(contentsOf: Self.path("torch-residual"))
      for index in other.graph.nodes.indices where other.graph.nodes[index].type == type {
        other.graph.nodes[index].type = change
      }
      #expect(!message(other).contains("layer normalisation"), "\(message(other))")
    }

    var cubed = try ONNXModel(contentsOf: Self.path("torch-residual"))
    let exponents = Set(cubed.graph.nodes.filter { $0.type == "Pow" }.map { $0.inputs[1] })
    for index in cubed.graph.nodes.indices where exponents.contains(cubed.graph.nodes[index].outputs[0]) {
      cubed.graph.nodes[index].attributes = [ONNXAttribute("value", .float(3))]
    }
    #expect(exponents.count == 2 && !message(cubed).contains("layer normalisation"), "\(message(cubed))")

    var looped = ONNXGraph("g")
    looped.nodes = [ONNXNode("Scan", ["x"], ["h"])]
    let scan = ONNXModel(looped, operatorSet: 15, formatVersion: 8)
    #expect(message(scan).contains("its recurrences are h (Scan), which have no cell here"), "\(message(scan))")
  }

  /// The final states of both directions side by side are none of a step, and so is the output.
  @Test func whatIsNotTakenOverIsNoted() throws {
    let both = try TensorFile.contents(of: Self.path("torch-both"))
    #expect(
      try TrainedNetwork(both).description
        == "ONNX: GRU, reset after the product, both directions, 2 → 3 units → linear 4")
    #expect(both.notes.contains { $0.contains("to final states alone") })
    let keras = try TensorFile.contents(of: Self.path("tf2onnx"))
    #expect(
      keras.notes == [
        "the model's output probabilities is made of model.dense.Tensordot.MatMul by model/dense/Softmax (Softmax), which "
          + "is not computed here"
      ])

    var model = try ONNXModel(contentsOf: Self.path("lstm"))
    model.graph.nodes[0].inputs += ["", "h0"]
    model.graph.nodes[0].inputs[4] = "lengths"
    let notes = try TensorFile.contents(of: model.bytes, source: "model.onnx").notes
    #expect(
      notes == [
        "layer: each sequence has its own length, from lengths; give lengths with the data",
        "layer: initial_h comes from h0, and is zeros here",
      ])
  }

  /// Where sizes leave the order open, the read-outs are those that read one another, each with its function.
  @Test func readOutsFollowTheOperators() throws {
    func zeros(_ dimensions: Int...) -> Tensor {
      Tensor(dimensions, [Float](repeating: 0, count: dimensions.reduce(1, *)))
    }
    var file = TensorFile.Contents([
      "rnn.W": zeros(1, 4, 2), "rnn.R": zeros(1, 4, 4), "a.B": zeros(4, 4), "b.B": zeros(4, 4), "c.B": zeros(4, 4),
    ])
    file.metadata = [
      "rnn.reads": "the input x", "b.reads": "rnn", "a.reads": "b", "c.reads": "Softmax", "a.activation": "linear",
      "b.activation": "relu", "c.activation": "linear",
    ]
    let network = try TrainedNetwork(file)
    #expect(network.description == "ONNX: RNN, 2 → 4 units → relu 4 → linear 4")
    #expect(network.layers.map(\.name) == ["rnn", "b", "a"])
    #expect(network.notes.contains("left out, and not computed: c.B [4, 4]"), "\(network.notes)")
    // Two that read the same one.
    file.metadata["c.reads"] = "b"
    let forked = try TrainedNetwork(file)
    #expect(forked.layers.map(\.name) == ["rnn", "b"])
    let note = "the output is that of b: what follows it (a, c) is left out; --readout b,a gives both"
    #expect(forked.notes.contains(note), "\(forked.notes)")
  }

  @Test func attributesAreStrings() throws {
    let lstm = try TensorFile.contents(of: Self.path("lstm"))
    #expect(lstm.metadata["layer.activations"] == "HardSigmoid(0.3), Softsign, Elu(0.7)")
    #expect(lstm.metadata["layer.clip"] == "0.9" && lstm.metadata["layer.direction"] == "forward")
    #expect(lstm.metadata["layer.reads"] == "the input x")
    #expect(lstm.tensors["layer.W"]?.dimensions == [1, 12, 2] && lstm.tensors["W"] == nil)
    let torch = try TensorFile.contents(of: Self.path("torch-trained-tagger-float64"))
    #expect(torch.metadata["rnn.LSTM_1.reads"] == "rnn.LSTM" && torch.metadata["readout.MatMul.reads"] == "rnn.LSTM_1")
    #expect(torch.tensors["readout.MatMul.B"]?.dimensions == [8, 3])
    #expect(torch.tensors["readout.MatMul.C"]?.dimensions == [3])
  }
}
