internal import EbbGraph

/// The rules for operations over axes. Their results may lack axes, over which the caller broadcasts.
extension GraphEditor {
  mutating func simplifiedAxes(_ node: NodeID) -> NodeID? {
    let operation = operation(node)
    let x = operand(node, 0)
    if case .reduceAxes(let reduction, let over) = operation { return simplifiedReduction(reduction, over, of: x) }
    if case .pick(let axis, let position) = operation { return simplifiedPick(axis, position, of: x) }
    if case .spread(let added) = operation {
      if added.isEmpty { return x }
      // Two broadcasts are one, over the axes of both.
      if case .spread(let inner) = self.operation(x) { return make(.spread(added.union(inner)), [operand(x, 0)]) }
    }
    if case .axisToFeature(let axis) = operation, self.operation(x) == .featureToAxis(axis), !isRow(axis, of: x) {
      return operand(x, 0)
    }
    if case .featureToAxis(let axis) = operation, self.operation(x) == .axisToFeature(axis) { return operand(x, 0) }
    return operation.shift.flatMap { simplifiedShift(node, $0.by) }
  }

  private mutating func simplifiedReduction(_ reduction: AxisReduction, _ over: Domain, of x: NodeID) -> NodeID? {
    if over.isEmpty { return x }
    if reduction == .sum, operation(x) == .unary(.negate) {
      // Σ (−x) = −Σ x
      return make(.unary(.negate), [make(.reduceAxes(.sum, over: over), [operand(x, 0)])])
    }
    if case .reduceAxes(reduction, let inner) = operation(x), canMerge(over, inner, of: type(operand(x, 0)).domain) {
      // Σ_b Σ_t x = Σ_{t, b} x
      return make(.reduceAxes(reduction, over: over.union(inner)), [operand(x, 0)])
    }
    if case .place(let axis, let position) = operation(x) {
      // The sum over t of x placed at one t is x, if x exists for the row at which it is placed.
      let inner = operand(x, 0)
      let rest = over.removing(axis)
      guard reduction == .sum, position != .at, over.contains(axis), rest.isSubset(of: type(inner).domain),
        !isRow(axis, of: inner)
      else { return nil }
      return rest.isEmpty ? inner : make(.reduceAxes(.sum, over: rest), [inner])
    }
    return nil
  }

  /// The first or the last value along an axis, if it can be found without the others.
  private mutating func simplifiedPick(_ axis: Axis, _ position: Position, of x: NodeID) -> NodeID? {
    guard position != .at, !isRow(axis, of: x) else { return nil }
    if case .spread(let added) = operation(x), added.contains(axis) { return operand(x, 0) }
    if operation(x) == .place(axis, position) { return operand(x, 0) }
    if case .delay(axis, by: 1, _) = operation(x), position == .first { return operand(x, 1) }
    if case .advance(axis, by: 1) = operation(x), position == .last { return operand(x, 1) }
    return nil
  }

  /// Whether reducing a value with these axes over `inner` and then over `outer` is one reduction over both.
  ///
  /// It is not if the rows of a ragged axis t are reduced before t: a sum over t restores the rows, each with the sum
  /// over its own steps.
  func canMerge(_ outer: Domain, _ inner: Domain, of domain: Domain) -> Bool {
    outer.isSubset(of: domain) && graph.lengthsDomain(of: outer).isDisjoint(with: inner)
  }

  /// Whether `axis` indexes the lengths of a ragged axis of the node, so that not every step exists at each index.
  private func isRow(_ axis: Axis, of node: NodeID) -> Bool {
    graph.lengthsDomain(of: type(node).domain).contains(axis)
  }

  /// A state that never changes is its boundary.
  private mutating func simplifiedShift(_ node: NodeID, _ by: Int) -> NodeID? {
    let (carried, boundary) = (operand(node, 0), operand(node, 1))
    if carried == node, by == 1 { return boundary }
    guard let value = uniformValue(of: boundary), let next = uniformValue(of: carried),
      next.bitPattern == value.bitPattern
    else { return nil }
    return constant(value, type(node).element, type(node).shape)
  }
}
