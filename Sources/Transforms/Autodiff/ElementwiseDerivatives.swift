internal import EbbGraph

/// The derivatives of elementwise functions, each below its formula, for both modes of differentiation.
///
/// A derivative is written in terms of the function's value y where possible, so that x need not be kept. Undefined
/// values are removed by a selection, never multiplied by zero. Conventions at kinks: |·|′(0) = relu′(0) = 0, and the
/// first of equal values receives the derivative of `maximum` and `minimum`.
extension GraphWriter {
  /// v · f′(x), where y = f(x).
  mutating func derivative(_ function: UnaryFunction, at x: NodeID, value y: NodeID, times v: NodeID) -> NodeID {
    switch function {
    // (−x)′ = −1
    case .negate:
      return negate(v)
    // |x|′ = 1 for x > 0, −1 for x < 0, 0 at 0
    case .absolute:
      let zero = constant(0, like: x)
      return select(compare(.greater, x, zero), v, keep(negate(v), where: compare(.less, x, zero)))
    // relu′(x) = 1 for x > 0, else 0; and x > 0 exactly where y > 0
    case .relu:
      return keep(v, where: compare(.greater, y, constant(0, like: x)))
    // (eˣ)′ = y
    case .exp:
      return multiply(v, y)
    // (eˣ − 1)′ = y + 1
    case .expm1:
      return multiply(v, add(y, constant(1, like: x)))
    // (ln x)′ = 1 / x
    case .log:
      return divide(v, x)
    // ln(1 + x)′ = 1 / (1 + x)
    case .log1p:
      return divide(v, add(constant(1, like: x), x))
    // (log₂ x)′ = 1 / (x ln 2)
    case .log2:
      return multiply(divide(v, x), constant(1.4426950408889634, like: x))
    // (√x)′ = 1 / (2y)
    case .sqrt:
      return divide(v, add(y, y))
    // (1 / x)′ = −y²
    case .reciprocal:
      return multiply(v, negate(square(y)))
    // tanh′ = 1 − y²
    case .tanh:
      return multiply(v, subtract(constant(1, like: x), square(y)))
    // σ′ = y (1 − y)
    case .sigmoid:
      return multiply(v, multiply(y, subtract(constant(1, like: x), y)))
    // ln(1 + eˣ)′ = σ(x)
    case .softplus:
      return multiply(v, unary(.sigmoid, x))
    // sin′ = cos
    case .sin:
      return multiply(v, unary(.cos, x))
    // cos′ = −sin
    case .cos:
      return multiply(v, negate(unary(.sin, x)))
    // erf′(x) = 2/√π · exp(−x²)
    case .erf:
      let scale = constant(2 / Double.pi.squareRoot(), like: x)
      return multiply(v, multiply(scale, unary(.exp, negate(square(x)))))
    // (x²)′ = 2x; v, not x, is doubled, because it may be a scalar
    case .square:
      return multiply(add(v, v), x)
    case .sign, .floor, .not, .isFinite:
      preconditionFailure("\(function) has no derivative")
    }
  }

  /// v · ∂f(a, b)/∂a (position 0) or v · ∂f(a, b)/∂b (position 1), where y = f(a, b).
  mutating func partialDerivative(
    _ function: BinaryFunction, _ position: Int, at operands: (NodeID, NodeID), value y: NodeID, times v: NodeID
  ) -> NodeID {
    let (a, b) = operands
    let isLeft = position == 0
    switch function {
    // ∂(a + b) = 1, 1
    case .add:
      return v
    // ∂(a − b) = 1, −1
    case .subtract:
      return isLeft ? v : negate(v)
    // ∂(a · b) = b, a
    case .multiply:
      return multiply(v, isLeft ? b : a)
    // ∂(a / b) = 1/b, −y/b; not (1/b) y, which would be ∞ · 0 for a = 0 and denormal b
    case .divide:
      return isLeft ? divide(v, b) : negate(divide(multiply(v, y), b))
    // ∂max(a, b) = [a ≥ b], [a < b]
    case .maximum:
      let isFirst = compare(.greaterOrEqual, a, b)
      return isLeft ? keep(v, where: isFirst) : drop(v, where: isFirst)
    // ∂min(a, b) = [a ≤ b], [a > b]
    case .minimum:
      let isFirst = compare(.lessOrEqual, a, b)
      return isLeft ? keep(v, where: isFirst) : drop(v, where: isFirst)
    // ∂(aᵇ) = b · aᵇ⁻¹, y · ln a; the second is 0 at a = 0, where the formula reads 0 · ∞
    case .power:
      if isLeft { return multiply(v, powerSlope(a, b)) }
      let isZero = compare(.equal, a, constant(0, like: a))
      return multiply(v, multiply(y, unary(.log, select(isZero, constant(1, like: a), a))))
    // ∂atan2(a, b) = b/r², −a/r² with r² = a² + b²
    case .atan2:
      return isLeft ? multiply(v, slope(of: b, beside: a)) : negate(multiply(v, slope(of: a, beside: b)))
    case .floorDivide, .remainder, .and, .or, .xor:
      preconditionFailure("\(function) has no derivative")
    }
  }

  /// x / (x² + z²), and 0 at the origin: (x/m) / ((x/m)² + (z/m)²) / m with m = max(|x|, |z|), so that no square leaves
  /// the range. The value is the same for any m, so m counts as a constant in its derivative.
  private mutating func slope(of x: NodeID, beside z: NodeID) -> NodeID {
    let one = constant(1, like: x)
    let largest = binary(.maximum, unary(.absolute, x), unary(.absolute, z))
    let isOrigin = compare(.equal, largest, constant(0, like: x))
    let m = graph.append(.stopGradient, [select(isOrigin, one, largest)])
    let (p, q) = (divide(x, m), divide(z, m))
    return divide(divide(p, select(isOrigin, one, add(square(p), square(q)))), m)
  }

  /// ∂(aᵇ)/∂a = b · aᵇ⁻¹, with higher derivatives that remain correct where aᵇ⁻¹ overflows.
  ///
  /// For an exponent that the graph fixes, the slope is again a power, down to x⁰ with slope 0. If an exponent turns
  /// out to be 0 in a run, aᵇ is 1 for all a. Then a⁻¹ is a constant that only ∂/∂b reads, or 0 if it is infinite,
  /// which avoids 0 · ∞ and its derivatives.
  private mutating func powerSlope(_ a: NodeID, _ b: NodeID) -> NodeID {
    let one = constant(1, like: a)
    if case .constant(let exponent) = graph.operation(b) {
      switch exponent {
      case 0: return constant(0, like: a)
      case 1: return one
      case 2: return add(a, a)
      default: return multiply(b, binary(.power, a, constant(exponent - 1, like: a)))
      }
    }
    let zero = constant(0, like: a)
    let isFlat = compare(.equal, b, zero)
    let inverse = unary(.reciprocal, a)
    let finite = graph.append(.stopGradient, [select(unary(.isFinite, inverse), inverse, zero)])
    let power = binary(.power, a, select(isFlat, one, subtract(b, one)))
    return multiply(b, select(isFlat, finite, power))
  }
}
