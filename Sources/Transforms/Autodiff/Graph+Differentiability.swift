internal import EbbGraph
internal import EbbTensors

/// The edges that a derivative passes: only nodes on paths of such edges need an adjoint or a tangent.
extension Graph {
  /// Whether a change of the operand at this position can change the node continuously.
  func passesTangent(_ node: NodeID, _ position: Int) -> Bool {
    let operand = operand(node, position)
    guard operand != .open, type(node).element.isFloat, type(operand).element.isFloat else { return false }
    return operation(node).traits.differentiable.contains(position)
  }

  /// Whether an adjoint passes from the node to its operand at this position. Clipping at 0 blocks all.
  func passesAdjoint(_ node: NodeID, _ position: Int) -> Bool {
    if case .clipGradient(.value(0)) = operation(node) { return false }
    return passesTangent(node, position)
  }

  /// The domain extended by the axes that index the lengths of its ragged axes.
  func closed(_ domain: Domain) -> Domain { domain.union(lengthsDomain(of: domain)) }
}
