extension Graph {
  /// The operation that needs at least one step in each row of a ragged axis, and so rules out empty rows; nil if there
  /// is none.
  ///
  /// An empty sum is 0, and an empty sequence adds nothing to a sum over all. But it has no first, last or largest
  /// step, and no mean of its own.
  func needOfSteps(along axis: Axis) -> String? {
    let rows = lengthsDomain(of: [axis])
    // Values that are 0 where a row's length is.
    var lengthLike: Set<NodeID> = []
    for node in nodes {
      let isLengthLike = { (operand: NodeID) in lengthLike.contains(operand) }
      let operation = operation(node)
      if operation == .pick(axis, .first) || operation == .place(axis, .first) {
        return "the first step of each row is taken"
      }
      if operation == .pick(axis, .last) || operation == .place(axis, .last) {
        return "the last step of each row is taken"
      }
      if operation == .argmaxAxis(axis) { return "the largest step of each row is taken" }
      if case .reduceAxes(.max, let over) = operation, over.contains(axis), !rows.isSubset(of: over) {
        return "the largest value of each row is taken"
      }
      let isMean =
        operation == .binary(.divide) && isLengthLike(operand(node, 1))
        || operation == .unary(.reciprocal) && isLengthLike(operand(node, 0))
      if isMean { return "the mean over the steps of each row is taken" }
      if operation == .axisLength(axis) || keepsZeros(operation) && operands(node).contains(where: isLengthLike) {
        lengthLike.insert(node)
      }
    }
    return nil
  }

  /// Whether the value is 0 where an operand is.
  private func keepsZeros(_ operation: Operation) -> Bool {
    if case .convert = operation { return true }
    return operation.kind == .copy || operation == .binary(.multiply)
  }
}
