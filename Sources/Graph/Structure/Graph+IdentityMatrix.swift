internal import EbbTensors

extension Graph {
  /// Whether a node is the identity matrix as it is recorded: 1 where the index of the row equals that of the column.
  package func isIdentityMatrix(_ node: NodeID) -> Bool {
    guard type(node).shape.rank == 2, case .convert = operation(node) else { return false }
    let condition = operand(node, 0)
    guard operation(condition) == .compare(.equal) else { return false }
    let sides = operands(condition).map { repeatedDimension($0) }
    return sides.count == 2 && sides[0] != nil && sides[1] != nil && sides[0] != sides[1]
  }

  /// The dimension over which 0, 1, 2 … is repeated to a matrix, or nil if a node is something else.
  private func repeatedDimension(_ node: NodeID) -> Int? {
    guard type(node).shape.rank == 2, case .broadcast(let dimension, _) = operation(node) else { return nil }
    var numbers = operand(node, 0)
    while case .reshape = operation(numbers) { numbers = operand(numbers, 0) }
    if case .iota = operation(numbers) { return dimension }
    return nil
  }
}
