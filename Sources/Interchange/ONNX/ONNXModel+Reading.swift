public import EbbFiles
public import Foundation

extension ONNXModel {
  /// The model in these bytes.
  ///
  /// Unknown fields are skipped. Each claimed size is checked against the bytes that are there, and graphs inside of
  /// graphs are followed to a depth of 16, so that no file leads to a crash, a long run or a large allocation.
  ///
  /// Tensors whose numbers lie in other files have none here, and say so; `init(contentsOf:)` reads those files too.
  ///
  /// - Parameters:
  ///   - data: The contents of a file.
  ///   - source: The file's name, for messages.
  /// - Throws: `FileError` with the place of what is wrong, in bytes from the beginning.
  public init(_ data: Data, source: String) throws(FileError) {
    try self.init(data, source: source, folder: nil)
  }

  /// - Parameter folder: Where files with numbers of the model's tensors are; nil if it is no file.
  init(_ data: Data, source: String, folder: ONNXFolder?) throws(FileError) {
    do {
      self = try ONNXReader(data: data, folder: folder).model()
    } catch {
      throw FileError(source, "at byte \(error.offset): \(error.reason)")
    }
  }
}

/// Reads the messages of onnx.proto.
private struct ONNXReader {
  typealias Problem = ProtocolBufferReader.Problem
  typealias Value = ProtocolBufferReader.Value

  /// Graphs inside of graphs: those of a loop in a loop and their branches are a few.
  static let deepest = 16

  let data: Data
  let folder: ONNXFolder?

  /// Calls `body` with each field of a message.
  func fields(
    _ range: Range<Int>, _ body: (Int, Value, Int) throws(Problem) -> Void
  ) throws(Problem) {
    var reader = ProtocolBufferReader(data, range)
    while let field = try reader.next() { try body(field.number, field.value, field.offset) }
  }

  func text(_ value: Value, _ offset: Int) throws(Problem) -> String {
    try ProtocolBufferReader.text(data, try counted(value, offset))
  }

  func counted(_ value: Value, _ offset: Int) throws(Problem) -> Range<Int> {
    guard case .counted(let range) = value else {
      throw Problem(offset: offset, reason: "a number stands where a text or a message belongs")
    }
    return range
  }

  func integer(_ value: Value, _ offset: Int) throws(Problem) -> Int {
    guard case .varint(let bits) = value else {
      throw Problem(offset: offset, reason: "no whole number stands where one belongs")
    }
    return Int(Int64(bitPattern: bits))
  }

  /// One number, or several under one key.
  func integers(_ value: Value, _ offset: Int) throws(Problem) -> [Int] {
    guard case .counted(let range) = value else { return [try integer(value, offset)] }
    return try ProtocolBufferReader.varints(data, range).map { Int(Int64(bitPattern: $0)) }
  }

  func floats(_ value: Value, _ offset: Int) throws(Problem) -> [Float] {
    switch value {
    case .fourBytes(let bits): return [Float(bitPattern: bits)]
    case .counted(let range):
      guard range.count % 4 == 0 else { throw Problem(offset: offset, reason: "floats of 4 bytes fill no such number") }
      return stride(from: range.lowerBound, to: range.upperBound, by: 4).map {
        Float(bitPattern: data.integer(at: $0, UInt32.self))
      }
    case .varint, .eightBytes: throw Problem(offset: offset, reason: "no float of 4 bytes stands where one belongs")
    }
  }

  /// A text by its name.
  func entry(_ value: Value, _ offset: Int) throws(Problem) -> (key: String, text: String) {
    var (key, string) = ("", "")
    try fields(try counted(value, offset)) { number, value, offset throws(Problem) in
      if number == 1 { key = try text(value, offset) }
      if number == 2 { string = try text(value, offset) }
    }
    return (key, string)
  }

  func model() throws(Problem) -> ONNXModel {
    var model = ONNXModel(ONNXGraph(""), operatorSet: 1, formatVersion: 0, producer: "")
    model.operatorSets = [:]
    var hasGraph = false
    try fields(0..<data.count) { number, value, offset throws(Problem) in
      switch number {
      case 1: model.formatVersion = try integer(value, offset)
      case 2: model.producer = try text(value, offset)
      case 3: model.producerVersion = try text(value, offset)
      case 6: model.documentation = try text(value, offset)
      case 7:
        hasGraph = true
        model.graph = try graph(try counted(value, offset), depth: 1)
      case 8:
        var (domain, version) = ("", 0)
        try fields(try counted(value, offset)) { number, value, offset throws(Problem) in
          if number == 1 { domain = try text(value, offset) }
          if number == 2 { version = try integer(value, offset) }
        }
        model.operatorSets[domain == "ai.onnx" ? "" : domain] = version
      case 14:
        let (key, text) = try entry(value, offset)
        model.metadata[key] = text
      case _: break
      }
    }
    guard hasGraph else { throw Problem(offset: data.count, reason: "this is no ONNX model: it has no graph") }
    return model
  }

  private func graph(_ range: Range<Int>, depth: Int) throws(Problem) -> ONNXGraph {
    guard depth <= Self.deepest else {
      throw Problem(offset: range.lowerBound, reason: "graphs lie within graphs more than \(Self.deepest) deep")
    }
    var graph = ONNXGraph("")
    try fields(range) { number, value, offset throws(Problem) in
      switch number {
      case 1: graph.nodes.append(try node(try counted(value, offset), depth: depth))
      case 2: graph.name = try text(value, offset)
      case 5: graph.initializers.append(try tensor(try counted(value, offset)))
      case 11: graph.inputs.append(try self.value(try counted(value, offset)))
      case 12: graph.outputs.append(try self.value(try counted(value, offset)))
      case _: break
      }
    }
    return graph
  }

  private func node(_ range: Range<Int>, depth: Int) throws(Problem) -> ONNXNode {
    var node = ONNXNode("", [], [])
    try fields(range) { number, value, offset throws(Problem) in
      switch number {
      case 1: node.inputs.append(try text(value, offset))
      case 2: node.outputs.append(try text(value, offset))
      case 3: node.name = try text(value, offset)
      case 4: node.type = try text(value, offset)
      case 5: node.attributes.append(try attribute(try counted(value, offset), depth: depth))
      case 7:
        let domain = try text(value, offset)
        node.domain = domain == "ai.onnx" ? "" : domain
      case _: break
      }
    }
    return node
  }

  private func attribute(_ range: Range<Int>, depth: Int) throws(Problem) -> ONNXAttribute {
    var name = ""
    var kind = 0
    var number = 0
    var single: Float = 0
    var word = ""
    var inner: ONNXAttribute.Value?
    var (integers, floats, texts): ([Int], [Float], [String]) = ([], [], [])
    try fields(range) { field, value, offset throws(Problem) in
      switch field {
      case 1: name = try text(value, offset)
      case 2: single = try self.floats(value, offset).first ?? 0
      case 3: number = try integer(value, offset)
      // A text may be any bytes; one that is not UTF-8 is of no use here.
      case 4: word = (try? text(value, offset)) ?? ""
      case 5: inner = .tensor(try tensor(try counted(value, offset)))
      case 6: inner = .graph(try graph(try counted(value, offset), depth: depth + 1))
      case 7: floats += try self.floats(value, offset)
      case 8: integers += try self.integers(value, offset)
      case 9: texts.append((try? text(value, offset)) ?? "")
      case 20: kind = try integer(value, offset)
      case _: break
      }
    }
    let value: ONNXAttribute.Value
    switch kind {
    case 1: value = .float(single)
    case 2: value = .integer(number)
    case 3: value = .text(word)
    case 4, 5: value = inner ?? .other(kind: kind)
    case 6: value = .floats(floats)
    case 7: value = .integers(integers)
    case 8: value = .texts(texts)
    case let kind: value = .other(kind: kind)
    }
    return ONNXAttribute(name, value)
  }

  private func value(_ range: Range<Int>) throws(Problem) -> ONNXValue {
    var result = ONNXValue("", nil, nil)
    try fields(range) { number, value, offset throws(Problem) in
      if number == 1 { result.name = try text(value, offset) }
      guard number == 2 else { return }
      try fields(try counted(value, offset)) { number, value, offset throws(Problem) in
        // Only tensors; sequences and optional values have other numbers.
        guard number == 1 else { return }
        try fields(try counted(value, offset)) { number, value, offset throws(Problem) in
          if number == 1 { result.element = ONNXElement(rawValue: try integer(value, offset)) }
          if number == 2 { result.dimensions = try shape(try counted(value, offset)) }
        }
      }
    }
    return result
  }

  private func shape(_ range: Range<Int>) throws(Problem) -> [ONNXValue.Dimension] {
    var dimensions: [ONNXValue.Dimension] = []
    try fields(range) { number, value, offset throws(Problem) in
      guard number == 1 else { return }
      var dimension = ONNXValue.Dimension.unknown
      try fields(try counted(value, offset)) { number, value, offset throws(Problem) in
        if number == 1 { dimension = .fixed(try integer(value, offset)) }
        if number == 2 { dimension = .symbol(try text(value, offset)) }
      }
      dimensions.append(dimension)
    }
    return dimensions
  }

  // MARK: Tensors

  private func tensor(_ range: Range<Int>) throws(Problem) -> ONNXTensor {
    var parts = ONNXTensorParts(offset: range.lowerBound)
    try fields(range) { number, value, offset throws(Problem) in
      switch number {
      case 1: parts.dimensions += try integers(value, offset)
      case 2: parts.element = ONNXElement(rawValue: try integer(value, offset))
      case 4: parts.floats += try floats(value, offset)
      case 5, 7, 11: parts.integers += try integers(value, offset)
      case 8: parts.name = try text(value, offset)
      case 9: parts.raw = try counted(value, offset)
      case 10: parts.doubles = try counted(value, offset)
      case 13:
        parts.isElsewhere = true
        let (key, text) = try entry(value, offset)
        switch key {
        case "location": parts.place.location = text
        case "offset": parts.place.offset = text
        case "length": parts.place.length = text
        case _: break
        }
      case 14: parts.isElsewhere = try integer(value, offset) != 0 || parts.isElsewhere
      case _: break
      }
    }
    return try parts.tensor(data, folder)
  }
}
