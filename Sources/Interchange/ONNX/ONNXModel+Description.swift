/// A listing to read: one line for each input, weight, operator and output.
extension ONNXModel: CustomStringConvertible {
  public var description: String {
    let sets = operatorSets.sorted { $0.key < $1.key }.map { "\($0.key.isEmpty ? "onnx" : $0.key) \($0.value)" }
    return "operators of \(sets.joined(separator: ", "))\n" + graph.lines("").joined(separator: "\n") + "\n"
  }
}

extension ONNXGraph {
  fileprivate func lines(_ margin: String) -> [String] {
    var lines = inputs.map { "\(margin)input \($0.text)" }
    lines += initializers.map { "\(margin)\($0.line)" }
    for node in nodes { lines += node.lines(margin) }
    return lines + outputs.map { "\(margin)output \($0.text)" }
  }
}

extension ONNXNode {
  /// `y = MatMul(x, weight)`, and below it the graphs inside.
  fileprivate func lines(_ margin: String) -> [String] {
    var settings: [String] = []
    var inner: [ONNXGraph] = []
    for attribute in attributes {
      switch attribute.value {
      case .graph(let graph): inner.append(graph)
      case .integer(let number): settings.append("\(attribute.name) \(number)")
      case .float(let number): settings.append("\(attribute.name) \(number)")
      case .text(let text): settings.append("\(attribute.name) \(text)")
      case .tensor(let tensor): settings.append("\(attribute.name) \(tensor.line)")
      case .integers(let numbers): settings.append("\(attribute.name) \(numbers)")
      case .floats(let numbers): settings.append("\(attribute.name) \(numbers)")
      case .texts(let texts): settings.append("\(attribute.name) [\(texts.joined(separator: ", "))]")
      case .other(let kind): settings.append("\(attribute.name) of kind \(kind)")
      }
    }
    let operands = inputs.map { $0.isEmpty ? "–" : $0 }.joined(separator: ", ")
    let results = outputs.map { $0.isEmpty ? "–" : $0 }.joined(separator: ", ")
    let word = domain.isEmpty ? type : "\(domain).\(type)"
    let line =
      "\(margin)\(results) = \(word)(\(([operands] + settings).filter { !$0.isEmpty }.joined(separator: "; ")))"
    return [line] + inner.flatMap { $0.lines(margin + "  ") }
  }
}

extension ONNXTensor {
  /// `input.weight: float [7, 4]`; a scalar and a few positions with their numbers.
  fileprivate var line: String {
    let few = 4
    let text: String
    switch numbers {
    case .float32(let values) where values.count == 1: text = " = \(values[0])"
    case .float64(let values) where values.count == 1: text = " = \(values[0])"
    case .int32(let values) where values.count == 1: text = " = \(values[0])"
    case .bool(let values) where values.count == 1: text = " = \(values[0])"
    case .int64(let values) where values.count <= few: text = " = \(values)"
    case .float32, .float64, .int32, .int64, .bool, .packed: text = ""
    case .unread(_, let reason): text = " (\(reason))"
    }
    return "\(name): \(element) \(dimensions)\(text)"
  }
}

extension ONNXValue {
  /// `x: float [t, b, 3]`
  fileprivate var text: String {
    let shape = dimensions.map { dimensions in
      "["
        + dimensions.map { dimension in
          switch dimension {
          case .fixed(let length): "\(length)"
          case .symbol(let name): name
          case .unknown: "?"
          }
        }.joined(separator: ", ") + "]"
    }
    return "\(name): \(element?.description ?? "no tensor") \(shape ?? "")"
  }
}
