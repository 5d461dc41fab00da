extension Graph {
  /// What takes at least one step of each row of a ragged axis, and so rules out rows without a step; nil if nothing does.
  ///
  /// A sum over no step is 0, and a sequence without a step counts nothing in a sum over all. But it has no first, last or
  /// largest step, and no mean of its own.
  func needOfSteps(along axis: Axis) -> String? {
    let rows = lengthsDomain(of: [axis])
    // Values that are 0 where the length of a row is.
    var lengthLike: Set<NodeID> = []
    for node in nodes {
      let isLengthLike = { (operand: NodeID) in lengthLike.contains(operand) }
      switch operation(node) {
      case .pick(axis, .first), .place(axis, .first): return "the first step of each row is taken"
      case .pick(axis, .last), .place(axis, .last): return "the last step of each row is taken"
      case .argmaxAxis(axis): return "the largest step of each row is taken"
      case .reduceAxes(.max, let over) where over.contains(axis) && !rows.isSubset(of: over):
        return "the largest value of each row is taken"
      case .axisLength(axis):
        lengthLike.insert(node)
      case .convert, .spread, .reshape, .broadcast, .binary(.multiply):
        if operands(node).contains(where: isLengthLike) { lengthLike.insert(node) }
      case .binary(.divide) where isLengthLike(operand(node, 1)),
        .unary(.reciprocal) where isLengthLike(operand(node, 0)):
        return "the mean over the steps of each row is taken"
      case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
        .product, .transpose, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures,
        .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient,
        .clipGradient:
        break
      }
    }
    return nil
  }
}
