internal import EbbGraph

/// The rules for operations over axes. What they return may lack axes that the caller repeats it over.
extension GraphEditor {
  mutating func simplifiedAxes(_ node: NodeID) -> NodeID? {
    let x = operand(node, 0)
    switch operation(node) {
    case .reduceAxes(let reduction, let over):
      return simplifiedReduction(reduction, over, of: x)
    case .pick(let axis, let position):
      return simplifiedPick(axis, position, of: x)
    case .spread(let added):
      if added.isEmpty { return x }
      // Repeated twice is repeated once, over the axes of both.
      if case .spread(let inner) = operation(x) { return make(.spread(added.union(inner)), [operand(x, 0)]) }
      return nil
    case .axisToFeature(let axis):
      return operation(x) == .featureToAxis(axis) && !isRow(axis, of: x) ? operand(x, 0) : nil
    case .featureToAxis(let axis):
      return operation(x) == .axisToFeature(axis) ? operand(x, 0) : nil
    case .delay(_, let by, _), .advance(_, let by):
      return simplifiedCarrier(node, by)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .argmaxAxis, .place, .stopGradient, .clipGradient:
      return nil
    }
  }

  private mutating func simplifiedReduction(_ reduction: AxisReduction, _ over: Domain, of x: NodeID) -> NodeID? {
    if over.isEmpty { return x }
    switch operation(x) {
    case .unary(.negate) where reduction == .sum:
      // Σ (−x) = −Σ x
      return make(.unary(.negate), [make(.reduceAxes(.sum, over: over), [operand(x, 0)])])
    case .reduceAxes(reduction, let inner):
      // Σ_b Σ_t x = Σ_{t, b} x
      guard canMerge(over, inner, of: type(operand(x, 0)).domain) else { return nil }
      return make(.reduceAxes(reduction, over: over.union(inner)), [operand(x, 0)])
    case .place(let axis, let position):
      // Σ_t of what is x at one t and else 0 is x, if x exists for the row at which it is placed.
      let inner = operand(x, 0)
      let rest = over.removing(axis)
      guard reduction == .sum, position != .at, over.contains(axis), rest.isSubset(of: type(inner).domain),
        !isRow(axis, of: inner)
      else { return nil }
      return rest.isEmpty ? inner : make(.reduceAxes(.sum, over: rest), [inner])
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .spread, .axisToFeature, .featureToAxis,
      .delay, .advance, .stopGradient, .clipGradient:
      return nil
    }
  }

  /// The first or the last value along an axis, where that is known without the others.
  private mutating func simplifiedPick(_ axis: Axis, _ position: Position, of x: NodeID) -> NodeID? {
    guard position != .at, !isRow(axis, of: x) else { return nil }
    switch operation(x) {
    case .spread(let added):
      return added.contains(axis) ? operand(x, 0) : nil
    case .place(axis, position):
      return operand(x, 0)
    case .delay(axis, by: 1, _):
      return position == .first ? operand(x, 1) : nil
    case .advance(axis, by: 1):
      return position == .last ? operand(x, 1) : nil
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis,
      .delay, .advance, .stopGradient, .clipGradient:
      return nil
    }
  }

  /// Whether a reduction over `inner` and then over `outer` of a value with these axes is one over both.
  ///
  /// It is not where the rows of a ragged axis t are reduced before t: a sum over t brings the rows back, each with the
  /// sum over its own steps.
  func canMerge(_ outer: Domain, _ inner: Domain, of domain: Domain) -> Bool {
    outer.isSubset(of: domain) && graph.lengthsDomain(of: outer).isDisjoint(with: inner)
  }

  /// Whether ragged axes of a node have a length for each index of `axis`: then not all of it exists at each index.
  private func isRow(_ axis: Axis, of node: NodeID) -> Bool {
    graph.lengthsDomain(of: type(node).domain).contains(axis)
  }

  /// A state that never changes is its boundary.
  private mutating func simplifiedCarrier(_ node: NodeID, _ by: Int) -> NodeID? {
    let (carried, boundary) = (operand(node, 0), operand(node, 1))
    if carried == node, by == 1 { return boundary }
    guard let value = uniformValue(of: boundary), let next = uniformValue(of: carried),
      next.bitPattern == value.bitPattern
    else { return nil }
    return constant(value, type(node).element, type(node).shape)
  }
}
