internal import EbbTensors

/// Layer normalisation before set 17, which has an operator for it, is written in ten others, as PyTorch does:
///
///     d = x − ReduceMean(x)      y = d / Sqrt(ReduceMean(d²) + ε) · scale + bias
///
/// The last of them becomes the operator here; those before it compute what nobody reads.
extension ONNXGraph {
  var withNormalizations: ONNXGraph {
    guard nodes.contains(where: { $0.type == "Sqrt" }) else { return self }
    let parts = NormalizationParts(self)
    var result = self
    for (index, node) in nodes.enumerated() where node.type == "Div" && node.domain.isEmpty {
      guard let (x, axis, epsilon) = parts.normalized(node),
        let (product, scale) = parts.next(index, "Mul"), !scale.isEmpty
      else { continue }
      let sum = parts.next(product, "Add")
      let last = sum?.index ?? product
      var normalization = ONNXNode(
        "LayerNormalization", [x, scale] + (sum.map { [$0.constant] } ?? []), [nodes[last].outputs[0]],
        [ONNXAttribute("axis", .integer(axis)), ONNXAttribute("epsilon", .float(epsilon))])
      normalization.name = nodes[last].name
      result.nodes[last] = normalization
    }
    return result
  }
}

/// What computes and what reads each tensor of a graph.
private struct NormalizationParts {
  private let nodes: [ONNXNode]
  private var producers: [String: ONNXNode] = [:]
  private var readers: [String: [Int]] = [:]
  private var constants: [String: ONNXTensor] = [:]

  init(_ graph: ONNXGraph) {
    nodes = graph.nodes
    for (index, node) in graph.nodes.enumerated() {
      for name in node.outputs where !name.isEmpty { producers[name] = node }
      for name in node.inputs where !name.isEmpty { readers[name, default: []].append(index) }
      guard node.type == "Constant", let name = node.outputs.first else { continue }
      switch node.attributes.first?.value {
      case .tensor(let tensor)?: constants[name] = tensor
      case .float(let value)?: constants[name] = ONNXTensor("", [], .float32([value]))
      case .integer(let value)?: constants[name] = ONNXTensor("", [], .int64([Int64(value)]))
      case .integers(let values)?: constants[name] = ONNXTensor("", values)
      case .floats, .text, .texts, .graph, .other, nil: continue
      }
    }
    for tensor in graph.initializers { constants[tensor.name] = tensor }
    // What a graph gives is read from outside.
    for output in graph.outputs { readers[output.name, default: []].append(-1) }
  }

  private func producer(_ name: String?, _ type: String) -> ONNXNode? {
    name.flatMap { producers[$0] }.flatMap { $0.type == type && $0.domain.isEmpty ? $0 : nil }
  }

  private func number(_ name: String?) -> Double? {
    guard let tensor = name.flatMap({ constants[$0] }), tensor.count == 1 else { return nil }
    return tensor.tensor?.doubles.first
  }

  /// What is averaged over one dimension that stays, and which dimension it is.
  private func mean(_ name: String?) -> (of: String, axis: Int)? {
    guard let node = producer(name, "ReduceMean"), node.integer("keepdims") ?? 1 == 1 else { return nil }
    let given = node.inputs.count > 1 ? constants[node.inputs[1]].flatMap { ONNXTrace.constant($0).positions } : nil
    guard let axes = node.integers("axes") ?? given, axes.count == 1, let x = node.inputs.first else { return nil }
    return (x, axes[0])
  }

  /// x, the dimension and ε, if this quotient is (x − μ) / √(σ² + ε).
  func normalized(_ quotient: ONNXNode) -> (x: String, axis: Int, epsilon: Float)? {
    guard quotient.inputs.count == 2, let difference = producer(quotient.inputs[0], "Sub"),
      difference.inputs.count == 2, let mean = mean(difference.inputs[1]), mean.of == difference.inputs[0],
      let sum = producer(producer(quotient.inputs[1], "Sqrt")?.inputs.first, "Add"), sum.inputs.count == 2
    else { return nil }
    for (place, other) in [(0, 1), (1, 0)] {
      guard let epsilon = number(sum.inputs[other]), let variance = self.mean(sum.inputs[place]),
        variance.axis == mean.axis, isSquare(variance.of, of: quotient.inputs[0])
      else { continue }
      return (mean.of, mean.axis, Float(epsilon))
    }
    return nil
  }

  private func isSquare(_ name: String, of difference: String) -> Bool {
    if let power = producer(name, "Pow"), power.inputs.count == 2 {
      return power.inputs[0] == difference && number(power.inputs[1]) == 2
    }
    return producer(name, "Mul")?.inputs == [difference, difference]
  }

  /// The only reader of a node's result, if that is of this type with a vector, and the vector's name.
  func next(_ index: Int, _ type: String) -> (index: Int, constant: String)? {
    guard let output = nodes[index].outputs.first, let found = readers[output], found.count == 1, found[0] >= 0 else {
      return nil
    }
    let node = nodes[found[0]]
    guard node.type == type, node.domain.isEmpty, node.inputs.count == 2, !node.outputs.isEmpty,
      let other = node.inputs.first(where: { $0 != output }), let tensor = constants[other],
      tensor.dimensions.count == 1
    else { return nil }
    return (found[0], other)
  }
}
