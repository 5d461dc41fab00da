import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// The weights of models of ONNX, read where weights are read.
@Suite struct ONNXFileTests {
  private func contents(_ graph: ONNXGraph, _ name: String = "f.onnx") throws -> TensorFile.Contents {
    try TensorFile.contents(of: ONNXModel(graph, operatorSet: 15, formatVersion: 8).bytes, source: name)
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: ONNXNetworkTests.path(name))))
  }

  @Test func everyEncodingIsRead() throws {
    let read = try TensorFile.contents(of: ONNXNetworkTests.path("encodings"))
    let expected = try Safetensors(contentsOf: PeerVector.path("onnx/encodings.safetensors")).tensors
    #expect(read.unread.isEmpty && Set(read.tensors.keys) == Set(expected.keys))
    for (name, tensor) in expected { #expect(read.tensors[name] == tensor, "\(name)") }
    #expect(read.types["bfloat16.raw"] == "bfloat16" && read.types["uint64.own"] == "uint64")
    // What is read is written again as it was.
    let model = try ONNXModel(contentsOf: ONNXNetworkTests.path("encodings"))
    #expect(try ONNXModel(Data(model.bytes), source: "f") == model)
  }

  @Test func modelsAreKnownByTheirBytes() throws {
    let bytes = try bytes("lstm")
    #expect(try TensorFile.contents(of: bytes, source: "weights").tensors["layer.R"]?.dimensions == [1, 12, 3])
    let other = message { _ = try TensorFile.contents(of: Array(bytes.dropLast()), source: "weights") }
    #expect(other.contains("safetensors"), "\(other)")
    let named = message { _ = try TensorFile.contents(of: Array(bytes.dropLast()), source: "weights.onnx") }
    #expect(named.contains("weights.onnx: at byte"), "\(named)")
    #expect(message { _ = try TensorFile.contents(of: [], source: "a.onnx") }.contains("this is no ONNX model"))
    let weights = Safetensors(["B": Tensor([1], [1] as [Float])]).bytes
    #expect(try TensorFile.contents(of: weights, source: "f").tensors["B"] != nil)
  }

  /// Numbers of another file are read from the folder of the model, and from nowhere else.
  @Test func numbersInAnotherFileAreRead() throws {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    func model(_ entries: KeyValuePairs<String, String>) -> [UInt8] {
      let places = entries.flatMap { field(13, field(1, Array($0.utf8)) + field(2, Array($1.utf8))) }
      return field(7, field(5, [0x08, 2, 0x10, 1, 0x70, 1] + field(8, Array("w".utf8)) + places))
    }
    let folder = NSTemporaryDirectory() + "ebb-onnx-\(UUID())"
    let files = FileManager.default
    try files.createDirectory(atPath: folder + "/m/inner", withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    let numbers: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40]
    try Data(numbers).write(to: URL(fileURLWithPath: folder + "/m/inner/d"))
    try Data(numbers).write(to: URL(fileURLWithPath: folder + "/secret"))
    try files.createSymbolicLink(atPath: folder + "/m/link", withDestinationPath: folder + "/secret")
    try files.createSymbolicLink(atPath: folder + "/m/within", withDestinationPath: "inner/d")
    func read(_ entries: KeyValuePairs<String, String>) throws -> TensorFile.Contents {
      let path = folder + "/m/a.onnx"
      try Data(model(entries)).write(to: URL(fileURLWithPath: path))
      return try TensorFile.contents(of: path)
    }
    #expect(try read(["location": "inner/d"]).tensors == ["w": Tensor([2], [1, 2] as [Float])])
    #expect(
      try read(["location": "inner/d", "offset": "4", "length": "8"]).tensors["w"] == Tensor([2], [2, 3] as [Float]))
    #expect(try read(["location": "within"]).tensors["w"] == Tensor([2], [1, 2] as [Float]))
    let refused: [(KeyValuePairs<String, String>, String)] = [
      (["location": "../secret"], "only files within the model's folder are opened"),
      (["location": "inner/../../secret"], "only files within the model's folder are opened"),
      (["location": folder + "/secret"], "only files within the model's folder are opened"),
      (["location": ""], "only files within the model's folder are opened"),
      (["location": "link"], "a link out of the model's folder"), (["location": "inner"], "cannot be read"),
      (["location": "none"], "which is not in the model's folder"),
      (["location": "inner/d", "offset": "5"], "needs 8 bytes from byte 5 of the file inner/d, which has 12"),
      (["location": "inner/d", "offset": "-4"], "its offset in the file inner/d is -4"),
      (["location": "inner/d", "length": "12"], "needs 8 bytes, and 12 of the file inner/d are said to be its own"),
    ]
    for (entries, reason) in refused {
      let found = try read(entries)
      #expect(found.tensors.isEmpty && found.unread["w"]?.dimensions == [2])
      #expect(found.unread["w"]?.reason.contains(reason) == true, "\(found.unread["w"]?.reason ?? "")")
    }
    // Bytes alone have no folder.
    let bytes = try TensorFile.contents(of: model(["location": "inner/d"]), source: folder + "/m/a.onnx")
    #expect(bytes.unread["w"]?.reason == "its numbers lie in the file inner/d, and only the model's bytes are here")
  }

  /// Names of layers: that of the node, of its output, or the operator's with its place; each once.
  @Test func layersHaveNamesOfTheirOwn() throws {
    func node(_ name: String, _ outputs: [String]) -> ONNXNode {
      var node = ONNXNode("Gemm", ["x", "w"], outputs)
      node.name = name
      return node
    }
    var graph = ONNXGraph("g")
    graph.inputs = [ONNXValue("x", .float32, [.unknown, .fixed(1)])]
    graph.initializers = [ONNXTensor("w", [1, 1], .float32([2])), ONNXTensor("other", [1], .float32([3]))]
    graph.nodes = [node("/a/fc", ["y"]), node("/a/fc", ["z"]), node("", ["/b/out"]), node("", [])]
    let names = try contents(graph).tensors.keys.sorted()
    #expect(names == ["Gemm_3.B", "a.fc.B", "a.fc_2.B", "b.out.B", "other"])
  }

  // MARK: Damage

  @Test(arguments: ["lstm", "coupled-peephole", "tf2onnx", "torch-final", "half", "encodings"])
  func everyCutIsAnErrorOrLess(_ name: String) throws {
    let bytes = try bytes(name)
    for count in stride(from: 0, to: bytes.count, by: effort(debug: 3, optimized: 1)) {
      let read = try? TensorFile.contents(of: Array(bytes[..<count]), source: "f.onnx")
      #expect((read?.tensors.values.reduce(0) { $0 + $1.count } ?? 0) <= 2 * bytes.count)
    }
  }

  @Test(arguments: [
    "lstm", "coupled-peephole", "tf2onnx", "torch-final", "torch-trained-tagger-float64", "half", "computed",
    "torch-between", "torch-external",
  ])
  func mutationsDoNoHarm(_ name: String) throws {
    let original = try bytes(name)
    var dice = SplitMix(16180)
    for _ in 0..<effort(debug: 200, optimized: 5000) {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        let place = Int.random(in: 0..<bytes.count - 8, using: &dice)
        bytes.mutate(at: place, with: "WRBPYx/.012", &dice) { bytes, dice in
          let from = Int.random(in: 0..<bytes.count - 8, using: &dice)
          let count = min(Int.random(in: 1...60, using: &dice), bytes.count - from)
          bytes.replaceSubrange(place..<place, with: Array(bytes[from..<from + count]))
        }
      }
      guard let read = try? TensorFile.contents(of: bytes, source: "f.onnx") else { continue }
      #expect(read.tensors.values.reduce(0) { $0 + $1.count } <= 8 * bytes.count)
      _ = try? TrainedNetwork(read)
    }
  }

  /// Small files that ask for much: one table for many layers, states that double, dimensions beyond all models.
  @Test func claimsAreBounded() throws {
    var graph = ONNXGraph("g")
    graph.inputs = [
      ONNXValue("x", .float32, [.unknown, .unknown, .fixed(64)]),
      ONNXValue("deep", .float32, [ONNXValue.Dimension](repeating: .unknown, count: 10_000)),
    ]
    graph.initializers = [
      ONNXTensor("w", [64, 64], .float32([Float](repeating: 1, count: 4096))),
      ONNXTensor("W", [1, 1, 64], .float32([Float](repeating: 1, count: 64))),
      ONNXTensor("R", [1, 1, 1], .float32([1])),
      ONNXTensor("axes", [5000], .int64([Int64](repeating: 0, count: 5000))),
    ]
    for place in 0..<2000 {
      graph.nodes.append(ONNXNode("Gemm", ["x", "w"], ["g\(place)"], [ONNXAttribute("transB", .integer(1))]))
    }
    graph.nodes.append(ONNXNode("RNN", ["x", "W", "R"], ["", "h0"]))
    for place in 0..<100 {
      graph.nodes.append(
        ONNXNode("Concat", ["h\(place)", "h\(place)"], ["h\(place + 1)"], [ONNXAttribute("axis", .integer(0))]))
    }
    graph.nodes.append(ONNXNode("Unsqueeze", ["x", "axes"], ["u0"]))
    for place in 0..<100 { graph.nodes.append(ONNXNode("Unsqueeze", ["u\(place)", "axes"], ["u\(place + 1)"])) }
    // Fixed numbers that double, and that are moved again and again.
    for place in 0..<100 {
      let (before, after) = (place == 0 ? "w" : "c\(place)", "c\(place + 1)")
      graph.nodes.append(ONNXNode("Concat", [before, before], [after], [ONNXAttribute("axis", .integer(0))]))
    }
    for place in 0..<1000 { graph.nodes.append(ONNXNode("Transpose", ["w"], ["t\(place)"])) }
    let read = try contents(graph)
    #expect(read.notes.count <= 64)
    #expect(read.tensors["g1999.B"]?.dimensions == [64, 64])
  }
}
