public import EbbGraph
internal import EbbTensors

/// Writes equal values in one way, so that merging finds them: each rule is exact in floating point.
public struct NormalizeElementwise: Pass {
  public init() {}
  public var name: String { "normalize-elementwise" }
  public var purpose: String { "writes equal elementwise values in one way" }

  public func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    for node in graph.nodes where editor.isLive(node) {
      if let replacement = editor.normalized(node) { editor.replace(node, with: replacement) }
    }
    return editor.finished()
  }
}

extension GraphEditor {
  /// The one way to write the value of an elementwise node, or nil if it is written so.
  fileprivate mutating func normalized(_ node: NodeID) -> NodeID? {
    guard operation(node).isElementwise else { return nil }
    let operands = operands(node)
    let isFloat = type(operands[0]).element.isFloat
    switch operation(node) {
    case .binary(.multiply) where operands[0] == operands[1]:
      // a · a = a²
      return make(.unary(.square), [operands[0]])
    case .binary(.multiply):
      // (−a) · (−b) = a · b
      guard let a = negated(operands[0]), let b = negated(operands[1]) else { return nil }
      return make(.binary(.multiply), [a, b])
    case .binary(.add):
      // a + (−b) = a − b
      if let b = negated(operands[1]) { return make(.binary(.subtract), [operands[0], b]) }
      if let a = negated(operands[0]) { return make(.binary(.subtract), [operands[1], a]) }
      return nil
    case .binary(.subtract):
      // a − (−b) = a + b
      guard let b = negated(operands[1]) else { return nil }
      return make(.binary(.add), [operands[0], b])
    case .binary(.divide):
      // 1 / b, where b has the type of the quotient
      guard isFloat, type(operands[1]) == type(node), uniformValue(of: operands[0]) == 1 else { return nil }
      return make(.unary(.reciprocal), [operands[1]])
    case .binary(.power):
      // a² by multiplication
      guard type(operands[0]) == type(node), uniformValue(of: operands[1]) == 2 else { return nil }
      return make(.unary(.square), [operands[0]])
    case .unary(.square), .unary(.absolute):
      // (−a)² = a², |−a| = |a|
      guard let a = negated(operands[0]) else { return nil }
      return make(operation(node), [a])
    case .compare(.greater):
      // a > b is b < a
      return make(.compare(.less), [operands[1], operands[0]])
    case .compare(.greaterOrEqual):
      return make(.compare(.lessOrEqual), [operands[1], operands[0]])
    case .select:
      // (not p ? a : b) = (p ? b : a)
      guard operation(operands[0]) == .unary(.not) else { return nil }
      return make(.select, [operand(operands[0], 0), operands[2], operands[1]])
    case .unary, .binary, .compare, .convert, .stopGradient, .clipGradient, .parameter, .input, .constant, .axisIndex,
      .axisLength, .iota, .random, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather,
      .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
      .featureToAxis, .delay, .advance:
      return nil
    }
  }

  /// a, if the node is −a.
  private func negated(_ node: NodeID) -> NodeID? {
    operation(node) == .unary(.negate) ? operand(node, 0) : nil
  }
}
