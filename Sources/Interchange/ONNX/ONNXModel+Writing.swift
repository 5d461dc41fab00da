internal import EbbTensors

// The numbers of fields are those of onnx.proto.

extension ONNXModel {
  /// The file's bytes: a function of only the model.
  public var bytes: [UInt8] {
    var message = ProtocolBuffer()
    message.integer(1, formatVersion)
    message.text(2, producer)
    if !producerVersion.isEmpty { message.text(3, producerVersion) }
    if !documentation.isEmpty { message.text(6, documentation) }
    message.message(7, graph.message)
    for (domain, version) in operatorSets.sorted(by: { $0.key < $1.key }) {
      var set = ProtocolBuffer()
      set.text(1, domain)
      set.integer(2, version)
      message.message(8, set)
    }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtocolBuffer()
      entry.text(1, key)
      entry.text(2, value)
      message.message(14, entry)
    }
    return message.bytes
  }
}

extension ONNXGraph {
  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    for node in nodes { message.message(1, node.message) }
    message.text(2, name)
    for tensor in initializers { message.message(5, tensor.message) }
    for value in inputs { message.message(11, value.message) }
    for value in outputs { message.message(12, value.message) }
    return message
  }
}

extension ONNXNode {
  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    for input in inputs { message.text(1, input) }
    for output in outputs { message.text(2, output) }
    message.text(3, name)
    message.text(4, type)
    for attribute in attributes { message.message(5, attribute.message) }
    if !domain.isEmpty { message.text(7, domain) }
    return message
  }
}

extension ONNXAttribute {
  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.text(1, name)
    switch value {
    case .float(let number): message.float(2, number)
    case .integer(let number): message.integer(3, number)
    case .text(let text): message.text(4, text)
    case .tensor(let tensor): message.message(5, tensor.message)
    case .graph(let graph): message.message(6, graph.message)
    case .floats(let numbers): for number in numbers { message.float(7, number) }
    case .integers(let numbers): for number in numbers { message.integer(8, number) }
    case .texts(let texts): for text in texts { message.text(9, text) }
    case .other: break
    }
    message.integer(20, value.kind)
    return message
  }
}

extension ONNXAttribute.Value {
  /// The number of the kind in the format.
  fileprivate var kind: Int {
    switch self {
    case .float: 1
    case .integer: 2
    case .text: 3
    case .tensor: 4
    case .graph: 5
    case .floats: 6
    case .integers: 7
    case .texts: 8
    case .other(let kind): kind
    }
  }
}

extension ONNXTensor {
  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    for length in dimensions { message.integer(1, length) }
    message.integer(2, element.rawValue)
    if !name.isEmpty { message.text(8, name) }
    var data: [UInt8] = []
    switch numbers {
    case .float32, .float64, .int32, .bool: tensor?.append(to: &data)
    case .int64(let values): for value in values { data.append(littleEndian: UInt64(bitPattern: value)) }
    case .packed(_, let bytes): data = bytes
    case .unread: break
    }
    message.data(9, data)
    return message
  }
}

extension ONNXValue {
  fileprivate var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.text(1, name)
    guard let element else { return message }
    var tensor = ProtocolBuffer()
    tensor.integer(1, element.rawValue)
    if let dimensions {
      var shape = ProtocolBuffer()
      for dimension in dimensions {
        var entry = ProtocolBuffer()
        switch dimension {
        case .fixed(let length): entry.integer(1, length)
        case .symbol(let name): entry.text(2, name)
        case .unknown: break
        }
        shape.message(1, entry)
      }
      tensor.message(2, shape)
    }
    var type = ProtocolBuffer()
    type.message(1, tensor)
    message.message(2, type)
    return message
  }
}
