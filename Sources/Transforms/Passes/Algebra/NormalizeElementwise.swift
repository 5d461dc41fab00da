internal import EbbGraph
internal import EbbTensors

/// Rewrites equal values to one form, so that merging finds them. Each rule is exact in floating point.
struct NormalizeElementwise: Pass {
  var name: String { "normalize-elementwise" }
  var purpose: String { "writes equal elementwise values in one way" }

  func run(_ graph: Graph) -> Graph { graph.rewritten { $0.normalized($1) } }
}

extension GraphEditor {
  /// The normal form of an elementwise node, or nil if it is in normal form.
  fileprivate mutating func normalized(_ node: NodeID) -> NodeID? {
    guard operation(node).isElementwise else { return nil }
    let operands = operands(node)
    let isFloat = type(operands[0]).element.isFloat
    let operation = operation(node)
    if operation == .binary(.multiply) {
      // a · a = a²
      if operands[0] == operands[1] { return make(.unary(.square), [operands[0]]) }
      // (−a) · (−b) = a · b
      if let a = negated(operands[0]), let b = negated(operands[1]) { return make(.binary(.multiply), [a, b]) }
    }
    if operation == .binary(.add) {
      // a + (−b) = a − b
      if let b = negated(operands[1]) { return make(.binary(.subtract), [operands[0], b]) }
      if let a = negated(operands[0]) { return make(.binary(.subtract), [operands[1], a]) }
    }
    // a − (−b) = a + b
    if operation == .binary(.subtract), let b = negated(operands[1]) { return make(.binary(.add), [operands[0], b]) }
    // 1 / b, where b has the type of the quotient
    if operation == .binary(.divide), isFloat, type(operands[1]) == type(node), uniformValue(of: operands[0]) == 1 {
      return make(.unary(.reciprocal), [operands[1]])
    }
    // a² by multiplication
    if operation == .binary(.power), type(operands[0]) == type(node), uniformValue(of: operands[1]) == 2 {
      return make(.unary(.square), [operands[0]])
    }
    // (−a)² = a², |−a| = |a|
    if operation == .unary(.square) || operation == .unary(.absolute), let a = negated(operands[0]) {
      return make(operation, [a])
    }
    // a > b is b < a
    if operation == .compare(.greater) { return make(.compare(.less), [operands[1], operands[0]]) }
    if operation == .compare(.greaterOrEqual) { return make(.compare(.lessOrEqual), [operands[1], operands[0]]) }
    // (not p ? a : b) = (p ? b : a)
    if operation == .select, self.operation(operands[0]) == .unary(.not) {
      return make(.select, [operand(operands[0], 0), operands[2], operands[1]])
    }
    return nil
  }

  /// a, if the node is −a.
  private func negated(_ node: NodeID) -> NodeID? {
    operation(node) == .unary(.negate) ? operand(node, 0) : nil
  }
}
