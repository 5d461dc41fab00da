import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// The messages of ONNX, written and read.
@Suite struct ONNXTests {
  /// Every kind of value that is held.
  static let sample: ONNXModel = {
    var body = ONNXGraph("body")
    body.nodes = [ONNXNode("Identity", ["h"], ["next"])]
    body.inputs = [ONNXValue("h", .float32, [.symbol("b"), .fixed(2)])]
    body.outputs = [ONNXValue("next", .float32, nil)]
    var graph = ONNXGraph("g")
    graph.nodes = [
      ONNXNode(
        "Scan", ["x", ""], ["y", ""],
        [
          ONNXAttribute("body", .graph(body)), ONNXAttribute("n", .integer(-3)), ONNXAttribute("f", .float(0.5)),
          ONNXAttribute("s", .text("reverse")), ONNXAttribute("many", .integers([0, 1, -1, 300])),
          ONNXAttribute("floats", .floats([1, -2])), ONNXAttribute("words", .texts(["Tanh", "β"])),
          ONNXAttribute("value", .tensor(ONNXTensor("", [2], .bool([true, false])))),
        ])
    ]
    graph.nodes[0].domain = "own"
    graph.initializers = [
      ONNXTensor("w", [2, 2], .float32([1, -2.5, .infinity, .leastNonzeroMagnitude])),
      ONNXTensor("d", [], .float64([0.1])), ONNXTensor("i", [2], .int32([-1, .max])),
      ONNXTensor("l", [3], .int64([.min, 0, .max])), ONNXTensor("none", [0, 4], .float32([])),
    ]
    graph.inputs = [ONNXValue("x", .float32, [.symbol("t"), .unknown, .fixed(3)])]
    graph.outputs = [ONNXValue("y", .int64, [])]
    var model = ONNXModel(graph, operatorSet: 15, formatVersion: 8)
    model.operatorSets["own"] = 1
    model.documentation = "a model"
    model.metadata = ["a": "b"]
    return model
  }()

  private func message(_ bytes: [UInt8]) -> String {
    do {
      return "read \(try ONNXModel(Data(bytes), source: "f").graph.nodes.count) operators"
    } catch {
      return error.description
    }
  }

  /// A message within others: its field, the number of its bytes, and they.
  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var count: [UInt8] = []
    var rest = bytes.count
    while rest >= 0x80 {
      count.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return [number << 3 | 2] + count + [UInt8(rest)] + bytes
  }

  @Test func whatIsWrittenReadsBack() throws {
    let back = try ONNXModel(Data(Self.sample.bytes), source: "f")
    #expect(back == Self.sample)
    #expect(back.bytes == Self.sample.bytes)
  }

  /// What the package onnx of Python writes for `helper.make_model(helper.make_graph([helper.make_node("Add", ["x", "w"],
  /// ["y"])], "g", [x], [y], [helper.make_tensor("w", FLOAT, [2], [1.0, 2.0])]), opset_imports=[…17])`: the numbers of the
  /// weight are in a field of floats instead of bytes.
  @Test func filesOfOthersAreRead() throws {
    let bytes: [UInt8] =
      [0x08, 0x08]
      + field(
        7,
        field(
          1,
          field(1, Array("x".utf8)) + field(1, Array("w".utf8)) + field(2, Array("y".utf8))
            + field(4, Array("Add".utf8)))
          + field(2, Array("g".utf8))
          + field(5, [0x08, 2, 0x10, 1] + field(4, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]) + field(8, Array("w".utf8))))
      + field(8, field(1, []) + [0x10, 17])
    let model = try ONNXModel(Data(bytes), source: "f")
    #expect(
      model.graph.nodes == [
        { () -> ONNXNode in
          var node = ONNXNode("Add", ["x", "w"], ["y"])
          node.name = ""
          return node
        }()
      ])
    #expect(model.graph.initializers == [ONNXTensor("w", [2], .float32([1, 2]))])
    #expect(model.operatorSets == ["": 17] && model.formatVersion == 8)
  }

  /// Fields that this version of the format does not know.
  @Test func unknownFieldsAreSkipped() throws {
    let unknown: [UInt8] = [15 << 3 | 0, 1, 15 << 3 | 1] + [UInt8](repeating: 7, count: 8) + [15 << 3 | 5, 1, 2, 3, 4]
    #expect(try ONNXModel(Data(unknown + Self.sample.bytes + unknown), source: "f") == Self.sample)
  }

  @Test func errorsTellThePlace() {
    #expect(message([]) == "f: at byte 0: this is no ONNX model: it has no graph")
    #expect(message([0x3A, 5, 0]) == "f: at byte 1: field 7 claims 5 bytes, and 1 are left in its message")
    #expect(message([0x3B]) == "f: at byte 0: field 7 is of kind 3; the kinds are 0, 1, 2 and 5")
    #expect(message([0x08] + [UInt8](repeating: 0xFF, count: 11)) == "f: at byte 1: a number has more than 64 bits")
    #expect(message([0x12, 1, 0xFF]) == "f: at byte 2: a text is not UTF-8")
    #expect(message([0x00]) == "f: at byte 0: a field has the number 0; the numbers are 1 to 536870911")
    let tensor = field(5, [0x08, 3, 0x10, 1] + field(9, [0, 0, 0, 0]) + field(8, Array("w".utf8)))
    #expect(
      message(field(7, tensor)) == "f: at byte 4: the tensor w: the dimensions [3] need 3 numbers, and there are 1")
    let huge = field(5, [0x08] + [UInt8](repeating: 0xFF, count: 8) + [0x7F, 0x08, 0x7F, 0x10, 1])
    #expect(message(field(7, huge)).contains("are impossible"))
  }

  @Test func tensorsThatCannotBeHeldAreNamed() throws {
    let half = field(5, [0x08, 1, 0x10, 10] + field(9, [0, 0x3C]) + field(8, Array("h".utf8)))
    let pair = field(5, [0x08, 1, 0x10, 14] + field(9, [UInt8](repeating: 0, count: 8)) + field(8, Array("c".utf8)))
    let complex = "numbers of the type complex64 are not read here"
    let elsewhere = "its numbers lie in a file of their own, and only the model's bytes are here"
    let external = field(5, [0x08, 1, 0x10, 1, 0x70, 1] + field(8, Array("e".utf8)))
    let model = try ONNXModel(Data(field(7, half + pair + external)), source: "f")
    #expect(
      model.graph.initializers.map(\.numbers) == [
        .packed(ONNXElement(rawValue: 10), [0, 0x3C]), .unread(ONNXElement(rawValue: 14), reason: complex),
        .unread(.float32, reason: elsewhere),
      ])
    #expect(model.graph.initializers.map(\.tensor) == [Tensor([1], [1] as [Float]), nil, nil])
  }

  /// Graphs within graphs, deeper than any model has them.
  @Test func depthIsBounded() {
    var bytes = field(2, Array("g".utf8))
    for _ in 0..<5000 { bytes = field(1, field(5, field(6, bytes) + [0xA0, 1, 5])) }
    #expect(message(field(7, bytes)).contains("graphs lie within graphs more than 16 deep"))
  }

  /// Whatever bytes a file has, reading it gives a model or an error.
  @Test func damage() {
    let bytes = Self.sample.bytes
    for end in 0..<bytes.count { _ = message(Array(bytes[..<end])) }
    var dice = SplitMix(5)
    for _ in 0..<effort(debug: 400, optimized: 5000) {
      var changed = bytes
      for _ in 0...dice.next() % 3 { changed[Int(dice.next() % UInt64(bytes.count))] = UInt8(dice.next() % 256) }
      _ = message(changed)
    }
  }
}
