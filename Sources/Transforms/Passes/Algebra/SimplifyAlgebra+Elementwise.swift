internal import EbbGraph
internal import EbbTensors

/// The elementwise rules. Their results may lack axes or features, over which the caller broadcasts.
extension GraphEditor {
  mutating func simplifiedElementwise(_ node: NodeID) -> NodeID? {
    let operands = operands(node)
    let operation = operation(node)
    if case .unary(let function) = operation { return simplified(function, of: operands[0]) }
    if case .binary(let function) = operation { return simplified(function, operands[0], operands[1]) }
    if operation == .select {
      // The condition is known, or both sides are the same node.
      if let condition = uniformValue(of: operands[0]) { return condition != 0 ? operands[1] : operands[2] }
      if operands[1] == operands[2] { return operands[1] }
    }
    return operation == .convert(type(operands[0]).element) ? operands[0] : nil
  }

  private func simplified(_ function: UnaryFunction, of x: NodeID) -> NodeID? {
    guard operation(x) == .unary(function) else { return nil }
    return switch function.traits.twice {
    // −(−x) = x
    case .x: operand(x, 0)
    // f(f(x)) = f(x)
    case .f: x
    case .another: nil
    }
  }

  private mutating func simplified(_ function: BinaryFunction, _ x: NodeID, _ y: NodeID) -> NodeID? {
    let (a, b) = (uniformValue(of: x), uniformValue(of: y))
    let traits = function.traits
    if let b, b == traits.rightNeutral { return x }
    if let a, a == traits.leftNeutral { return y }
    if traits.isIdempotent, x == y { return x }
    if function == .multiply {
      // x · (−1) = −x
      if b == -1 { return make(.unary(.negate), [x]) }
      if a == -1 { return make(.unary(.negate), [y]) }
    }
    // x / 2ᵏ = x · 2⁻ᵏ, which rounds identically and takes a third of the time
    if function == .divide, let b, b.isNormal, b.significandBitPattern == 0, abs(b.exponent) <= 100 {
      let factor = constant(1 / b, type(x).element)
      return make(.binary(.multiply), [x, factor])
    }
    return nil
  }

  /// Products contract a transposed or reversed operand directly.
  mutating func simplifiedProduct(_ node: NodeID) -> NodeID? {
    guard case .product(.dimensions(var i, var j), let over) = operation(node) else { return nil }
    var (left, right) = (operand(node, 0), operand(node, 1))
    // x · transpose(W) contracts W's other dimension. Transposes of a dimension with itself are already gone.
    if case .transpose = operation(left) {
      left = operand(left, 0)
      i = 1 - i
    }
    if case .transpose = operation(right) {
      right = operand(right, 0)
      j = 1 - j
    }
    // W · x is x · Wᵀ: a vector is the left operand.
    if type(left).shape.rank == 2, type(right).shape.rank == 1 {
      swap(&left, &right)
      swap(&i, &j)
    }
    let simpler = make(.product(.dimensions(i, j), over: over), [left, right])
    return simpler == node ? nil : simpler
  }
}
