internal import EbbGraph

/// Parts of equations that others are recognized by.
extension Graph {
  /// x, where the node is f(x).
  func argument(_ node: NodeID, of function: UnaryFunction) -> NodeID? {
    operation(node) == .unary(function) ? operand(node, 0) : nil
  }

  /// x, where the node is a sum, a maximum, … over this feature dimension of it.
  func argument(_ node: NodeID, of reduction: FeatureReduction, dimension: Int) -> NodeID? {
    operation(node) == .reduceFeatures(reduction, dimension: dimension) ? operand(node, 0) : nil
  }

  /// Both orders of the operands of a sum or product.
  func pairs(_ node: NodeID, _ function: BinaryFunction) -> [(NodeID, NodeID)] {
    guard operation(node) == .binary(function) else { return [] }
    let (a, b) = (operand(node, 0), operand(node, 1))
    return [(a, b), (b, a)]
  }

  /// The number that the node is.
  func number(_ node: NodeID) -> Double? {
    guard case .constant(let value) = operation(node) else { return nil }
    return value
  }

  /// The condition and both values of a selection.
  func selection(_ node: NodeID) -> (condition: NodeID, yes: NodeID, no: NodeID)? {
    operation(node) == .select ? (operand(node, 0), operand(node, 1), operand(node, 2)) : nil
  }
}
