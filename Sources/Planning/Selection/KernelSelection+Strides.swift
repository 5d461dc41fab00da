internal import EbbGraph
internal import EbbTensors

/// What kernels compute that take any strides.
extension KernelSelection {
  /// Whether a kernel that takes any strides computes a node that no kernel of rows does: a product of values that both
  /// vary, a reduction over some axes, a rearrangement, or an operation on lines of numbers.
  ///
  /// A sum over all indices is not one: it would be a single chain. That of products of matrices is, whose entries are
  /// chains side by side. Parts of parameters' matrices are put together elsewhere (`Rearrangement`).
  func isStrided(_ node: NodeID) -> Bool {
    let operands = self.operands(node)
    let type = graph.type(node)
    guard
      operands.indices.allSatisfy({
        liesInMemory(operands[$0], $0, of: node) && hasWidth(operands[$0], $0, of: node)
      })
    else { return false }
    switch graph.operation(node) {
    case .product(let contraction, let over):
      let isOfAll = type.domain.isEmpty && !over.isEmpty && (contraction == .outer || type.shape.rank < 2)
      return !isOfAll && canBeMasked(node, over) && graph.operands(node).allSatisfy { liesByRows($0) }
    case .reduceAxes(.sum, let over):
      return !type.domain.isEmpty && canBeMasked(node, over)
    case .reduceAxes(.max, let over):
      return canBeMasked(node, over)
    case .argmaxAxis(let axis):
      return canBeMasked(node, [axis])
    case .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate:
      return true
    case .reduceFeatures(let reduction, _):
      // A mean and a norm must not leave the range in between.
      return reduction == .sum || reduction == .max
    case .axisToFeature(let axis):
      return canBeMasked(node, [axis])
    case .broadcast, .pad:
      return true
    case .transpose, .slice, .concatenate, .featureToAxis:
      // Parts of dense matrices are put together elsewhere.
      return !type.domain.isEmpty || type.shape.rank > 2 || operands.contains { hasRows($0) }
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .reshape, .gather, .scatterAdd, .pick, .place, .spread, .delay, .advance, .stopGradient, .clipGradient,
      .literal, .matrix, .history, .historySum, .declaredGradient, .incomingAdjoint:
      return false
    }
  }

  /// Whether an operand is no number of the equations; the factors of a running sum may be one.
  private func liesInMemory(_ operand: NodeID, _ position: Int, of node: NodeID) -> Bool {
    if case .accumulate = graph.operation(node), position == 0 { return true }
    return !isConstant(operand)
  }

  /// Whether an operand has the width that a kernel expects: the result's, but for indices and what they are found in.
  private func hasWidth(_ operand: NodeID, _ position: Int, of node: NodeID) -> Bool {
    let isFree =
      switch graph.operation(node) {
      case .argmaxFeatures, .argmaxAxis, .argsortFeatures: true
      case .gatherFeatures: position == 1
      case .scatterFeatures: position == 0
      case .accumulate: isConstant(operand)
      case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare,
        .select, .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
        .reduceFeatures, .matrix, .reduceAxes, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance,
        .history, .historySum, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
        false
      }
    return isFree || storage(operand) == storage(node)
  }

  /// Whether a node is a sum over all axes of a value, or over some of them.
  func isSumOverAxes(_ node: NodeID) -> Bool {
    guard case .reduceAxes(.sum, _) = graph.operation(node) else { return false }
    return self[node] == .sumColumns || self[node] == .strided
  }

  /// Whether the rows of a matrix follow one another in memory: not of features that were a vector before.
  func liesByRows(_ matrix: NodeID) -> Bool {
    let source = canonical(matrix)
    return graph.type(matrix).shape.rank < 2 || !hasRows(source) || graph.type(source).shape.rank > 1
  }

  /// The features that a slice takes if they follow one another, as elements of a vector do and whole rows of a matrix: the
  /// first one and their number.
  func run(of slice: NodeID) -> (start: Int, count: Int)? {
    guard case .slice(0, let start, _) = graph.operation(slice) else { return nil }
    let shape = graph.type(slice).shape
    return (start * (shape.count / shape[0]), shape.count)
  }

  /// Whether what combines the values along these axes has to leave out indices of a ragged axis.
  func isMasked(_ domain: Domain, _ over: Domain) -> Bool { !raggedAxes(domain, over).isEmpty }

  /// The ragged axes of a domain, with those of their lengths, whose rows an operation along `over` has to heed.
  private func raggedAxes(_ domain: Domain, _ over: Domain) -> Domain {
    domain.reduce(.empty) { result, axis in
      guard graph.description(of: axis).lengths != nil else { return result }
      let own = graph.lengthsDomain(of: [axis]).inserting(axis)
      return own.isDisjoint(with: over) ? result : result.union(own)
    }
  }

  /// Whether the operands can be read from copies with zeros outside ragged axes: each has all axes of these.
  private func canBeMasked(_ node: NodeID, _ over: Domain) -> Bool {
    let axes = raggedAxes(graph.operands(node).reduce(.empty) { $0.union(graph.type($1).domain) }, over)
    return operands(node).allSatisfy { axes.isSubset(of: domain($0)) }
  }
}
