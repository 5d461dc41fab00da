public import EbbGraph

/// What all tests know about a function of one number: the row that a new function needs.
public struct UnaryReference<W: Wide>: Sendable {
  /// The value and the derivative in arithmetic that is wider than what is judged.
  public var value: @Sendable (W) -> W
  public var derivative: (@Sendable (W) -> W)?
  /// Whether the derivative is computed from the function's value: it then has that one's absolute error.
  public var isWrittenInValue = false
  /// Where derivatives are compared with differences: all moderate numbers, or some of those where the function is
  /// defined. Nil for a function without a derivative.
  public var interval: ClosedRange<Double>?
  /// Whether the function has all derivatives at each number of the interval.
  public var isSmooth = true
  /// Units in the last place by which kernels may be off, and those in single precision that look numbers up in tables;
  /// nil for what is one operation of the processor.
  public var ulps: (single: Double, double: Double)?
  public var ulpsByTables: Double?
}

extension UnaryFunction {
  /// Nil for functions of no float.
  public func reference<W: Wide>(_: W.Type) -> UnaryReference<W>? {
    let all = -2.0...2
    let positive = 0.5...2.0
    return switch self {
    case .negate: .init(value: { -$0 }, derivative: { _ in -1 }, interval: all)
    case .absolute:
      .init(value: { $0.magnitude }, derivative: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, interval: all, isSmooth: false)
    case .sign: .init(value: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    case .relu: .init(value: { max($0, 0) }, derivative: { $0 > 0 ? 1 : 0 }, interval: all, isSmooth: false)
    case .exp:
      .init(
        value: { W.exponential($0) }, derivative: { W.exponential($0) }, interval: all, ulps: (1, 1), ulpsByTables: 0.8)
    case .expm1:
      .init(
        value: { W.exponentialMinusOne($0) }, derivative: { W.exponential($0) }, isWrittenInValue: true, interval: all,
        ulps: (1.6, 1.7))
    case .log: .init(value: { W.logarithm($0) }, derivative: { 1 / $0 }, interval: positive, ulps: (1, 1))
    case .log1p:
      .init(value: { W.logarithmOfOnePlus($0) }, derivative: { 1 / (1 + $0) }, interval: -0.5...2, ulps: (1, 1))
    case .log2:
      .init(
        value: { W.logarithm($0) / W.logarithm(2) }, derivative: { 1 / ($0 * W.logarithm(2)) }, interval: positive,
        ulps: (1, 1))
    case .sqrt: .init(value: { $0.squareRoot() }, derivative: { 1 / (2 * $0.squareRoot()) }, interval: positive)
    case .reciprocal: .init(value: { 1 / $0 }, derivative: { -1 / ($0 * $0) }, interval: positive)
    case .tanh:
      .init(
        value: { W.hyperbolicTangent($0) },
        derivative: { x in
          let e = W.exponential(-x.magnitude)
          return 4 * e * e / ((1 + e * e) * (1 + e * e))
        }, isWrittenInValue: true, interval: all, ulps: (2, 2), ulpsByTables: 1)
    case .sigmoid:
      .init(
        value: { W.sigmoid($0) }, derivative: { W.sigmoid($0) * W.sigmoid(-$0) }, isWrittenInValue: true, interval: all,
        ulps: (1.5, 1.5))
    case .softplus:
      .init(value: { W.softplus($0) }, derivative: { W.sigmoid($0) }, interval: all, ulps: (1.7, 1.7))
    case .sin: .init(value: { W.sine($0) }, derivative: { W.cosine($0) }, interval: all, ulps: (1, 1))
    case .cos: .init(value: { W.cosine($0) }, derivative: { -W.sine($0) }, interval: all, ulps: (1, 1))
    case .erf:
      .init(
        value: { W.errorFunction($0) }, derivative: { 2 / W.pi.squareRoot() * W.exponential(-$0 * $0) },
        isWrittenInValue: true, interval: all, ulps: (1.5, 1.5))
    case .floor: .init(value: { $0.rounded(.down) })
    case .square: .init(value: { $0 * $0 }, derivative: { 2 * $0 }, interval: all)
    case .isFinite: .init(value: { _ in 1 })
    case .not: nil
    }
  }
}

extension BinaryFunction {
  /// The value and both derivatives in wider arithmetic; nil for functions of no float.
  public func reference<W: Wide>(_: W.Type) -> (@Sendable (W, W) -> [W])? {
    switch self {
    case .add: { [$0 + $1, 1, 1] }
    case .subtract: { [$0 - $1, 1, -1] }
    case .multiply: { [$0 * $1, $1, $0] }
    case .divide: { [$0 / $1, 1 / $1, -($0 / $1) / $1] }
    case .maximum: { [max($0, $1), $0 >= $1 ? 1 : 0, $0 >= $1 ? 0 : 1] }
    case .minimum: { [min($0, $1), $0 <= $1 ? 1 : 0, $0 <= $1 ? 0 : 1] }
    case .power:
      { x, y in
        // d(x⁰)/dx is 0 for every x, and xʸ ln x is taken as 0 at x = 0.
        let slope: W = y == 0 ? 0 : y * W.power(x, y - 1)
        return [W.power(x, y), slope, x == 0 ? W.power(x, y) * 0 : W.power(x, y) * W.logarithm(x)]
      }
    case .atan2:
      { y, x in
        // Both derivatives are taken as 0 at the origin.
        let square = x == 0 && y == 0 ? 1 : x * x + y * y
        return [W.angle(y, x), x / square, -y / square]
      }
    case .floorDivide, .remainder, .and, .or, .xor: nil
    }
  }
}
