internal import EbbGraph
internal import EbbTensors

/// The derivatives of y = accumulate(a, b), the recurrence yᵢ = aᵢ yᵢ₋₁ + bᵢ over features. They are recurrences again:
/// nothing is divided, so they are exact where a factor is 0.
extension ReverseMode {
  /// b̄ᵢ += sᵢ and āᵢ += sᵢ yᵢ₋₁, where s is accumulated from the other end: sᵢ = aᵢ₊₁ sᵢ₊₁ + ȳᵢ.
  mutating func pullBackAccumulation(
    _ y: NodeID, _ ȳ: NodeID, _ operands: [NodeID], _ wanted: [Int], _ dimension: Int, _ isReversed: Bool
  ) {
    let a = operands[0]
    let next = shape(a) == .scalar ? a : previous(a, alongFeature: dimension, reversed: !isReversed)
    let s = graph.append(.accumulate(dimension: dimension, reversed: !isReversed), [next, ȳ])
    if wanted.contains(0) { add(timesPrevious(s, y, alongFeature: dimension, reversed: isReversed), to: a) }
    if wanted.contains(1) { add(s, to: operands[1]) }
  }
}

extension EquationWriter {
  /// xᵢ₋₁, or xᵢ₊₁ if reversed; 0 at the first entry.
  mutating func previous(_ x: NodeID, alongFeature dimension: Int, reversed isReversed: Bool) -> NodeID {
    let count = shape(x)[dimension]
    guard count > 1 else { return constant(0, element(x), shape(x)) }
    let kept = append(.slice(dimension: dimension, start: isReversed ? 1 : 0, count: count - 1), [x])
    return append(.pad(dimension: dimension, before: isReversed ? 0 : 1, after: isReversed ? 1 : 0), [kept])
  }

  /// xᵢ yᵢ₋₁, or xᵢ yᵢ₊₁ if reversed; 0 at the first entry, also where x is infinite there. x may be a scalar.
  mutating func timesPrevious(
    _ x: NodeID, _ y: NodeID, alongFeature dimension: Int, reversed isReversed: Bool
  ) -> NodeID {
    let count = shape(y)[dimension]
    guard count > 1 else { return constant(0, element(y), shape(y)) }
    func part(_ writer: inout Self, from start: Int, of node: NodeID) -> NodeID {
      guard writer.shape(node) != .scalar else { return node }
      return writer.append(.slice(dimension: dimension, start: start, count: count - 1), [node])
    }
    let product = multiply(
      part(&self, from: isReversed ? 0 : 1, of: x), part(&self, from: isReversed ? 1 : 0, of: y))
    return append(.pad(dimension: dimension, before: isReversed ? 0 : 1, after: isReversed ? 1 : 0), [product])
  }
}
