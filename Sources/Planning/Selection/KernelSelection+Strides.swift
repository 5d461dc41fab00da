internal import EbbGraph
internal import EbbTensors

/// What kernels compute that take any strides.
extension KernelSelection {
  /// Whether a kernel that takes any strides computes a node that no kernel of rows does: a product of values that both
  /// vary, a reduction over some axes, or a rearrangement.
  ///
  /// A sum over all indices is not one: it would be a single chain.
  func isStrided(_ node: NodeID) -> Bool {
    let operands = self.operands(node)
    let type = graph.type(node)
    guard operands.allSatisfy({ !isConstant($0) && storage($0) == storage(node) }) else { return false }
    switch graph.operation(node) {
    case .product(_, let over):
      return !type.domain.isEmpty && canSum(operands, over) && graph.operands(node).allSatisfy { liesByRows($0) }
    case .reduceAxes(.sum, let over):
      return !type.domain.isEmpty && canSum(operands, over)
    case .reduceAxes(.max, let over):
      return !isMasked(graph.type(operands[0]).domain, over)
    case .transpose, .broadcast, .slice, .axisToFeature, .featureToAxis:
      return !type.domain.isEmpty || hasRows(operands[0])
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .reshape, .concatenate, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .argmaxAxis,
      .pick,
      .place, .spread, .delay, .advance, .stopGradient, .clipGradient:
      return false
    }
  }

  /// Whether the rows of a matrix follow one another in memory: not of features that were a vector before.
  private func liesByRows(_ matrix: NodeID) -> Bool {
    let source = canonical(matrix)
    return graph.type(matrix).shape.rank < 2 || !hasRows(source) || graph.type(source).shape.rank > 1
  }

  /// Whether a sum over these axes leaves out indices of a ragged axis.
  func isMasked(_ domain: Domain, _ over: Domain) -> Bool { !raggedAxes(domain, over).isEmpty }

  /// The ragged axes of a domain, with those of their lengths, that a sum over `over` has to heed.
  private func raggedAxes(_ domain: Domain, _ over: Domain) -> Domain {
    domain.reduce(.empty) { result, axis in
      guard graph.description(of: axis).lengths != nil else { return result }
      let own = graph.lengthsDomain(of: [axis]).inserting(axis)
      return own.isDisjoint(with: over) ? result : result.union(own)
    }
  }

  /// Whether copies of the operands with zeros outside ragged axes have the same sum: each has all axes of these.
  private func canSum(_ operands: [NodeID], _ over: Domain) -> Bool {
    let axes = raggedAxes(operands.reduce(.empty) { $0.union(graph.type($1).domain) }, over)
    return operands.allSatisfy { axes.isSubset(of: domain($0)) }
  }
}
