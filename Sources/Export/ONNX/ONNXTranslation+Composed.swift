internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Functions that are one operator of ONNX.
extension ONNXTranslation {
  /// What a value is computed from: the operands of its operator.
  func operands(of node: NodeID) -> [NodeID] { composed[node]?.operands ?? Array(graph.operands(node)) }

  mutating func translated(_ function: ComposedFunction, _ name: String?) -> ONNXOperand {
    let axis = ONNXAttribute("axis", .integer(-1))
    switch function {
    case .softmax(let node):
      let x = value(node)
      return builder.write("Softmax", [x], [], [axis], like: x.with(name: ""), named: name)
    case .layerNormalization(let node, let epsilon, let scale, let bias):
      let x = value(node)
      var rest = [scale.map { value($0).name } ?? ones(x.shape)]
      if let bias { rest.append(value(bias).name) }
      let attributes = [axis, ONNXAttribute("epsilon", .float(Float(epsilon)))]
      return builder.write("LayerNormalization", [x], rest, attributes, like: x.with(name: ""), named: name)
    }
  }

  /// The name of a tensor of ones.
  private mutating func ones(_ shape: [Int]) -> String {
    builder.once("ones \(shape)") { builder in
      builder.fixed(Tensor(shape, [Float](repeating: 1, count: shape.reduce(1, *))), named: "ones")
    }.name
  }

  /// The values of a recurrence that its states and what reads it outside need, in their order.
  func needed(_ members: [NodeID], for ends: [NodeID]) -> [NodeID] {
    guard members.contains(where: { composed[$0] != nil }) else { return members }
    let inside = Set(members)
    var found: Set<NodeID> = []
    var work = ends
    while let node = work.popLast() {
      guard inside.contains(node), found.insert(node).inserted else { continue }
      work += operands(of: node)
    }
    return members.filter(found.contains)
  }
}
