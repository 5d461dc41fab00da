internal import EbbGraph
internal import EbbTensors
internal import Foundation

/// Elementwise functions of numbers that are known when a graph is compiled, in Float64 as the reference computes them.
///
/// Each returns nil where the result is not a number of the element type: that is left for the run.
enum ScalarArithmetic {
  static func apply(_ function: UnaryFunction, _ x: Double, _ element: ElementType) -> Double? {
    let result: Double
    switch function {
    case .negate: result = -x
    case .absolute: result = abs(x)
    case .sign: result = x > 0 ? 1 : x < 0 ? -1 : x
    case .relu: result = x > 0 || x.isNaN ? x : 0
    case .exp: result = exp(x)
    case .expm1: result = expm1(x)
    case .log: result = log(x)
    case .log1p: result = log1p(x)
    case .sqrt: result = x.squareRoot()
    case .reciprocal: result = 1 / x
    case .tanh: result = tanh(x)
    // σ(x) = 1 / (1 + e⁻ˣ), and e^x / (1 + e^x) where e⁻ˣ would overflow.
    case .sigmoid: result = x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    // ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)
    case .softplus: result = x.isNaN ? x : max(x, 0) + log1p(exp(-abs(x)))
    case .sin: result = sin(x)
    case .cos: result = cos(x)
    case .erf: result = erf(x)
    case .floor: result = x.rounded(.down)
    case .square: result = x * x
    case .not: result = x == 0 ? 1 : 0
    case .isFinite: result = x.isFinite ? 1 : 0
    }
    return representable(result, element)
  }

  static func apply(_ function: BinaryFunction, _ x: Double, _ y: Double, _ element: ElementType) -> Double? {
    let result: Double
    switch function {
    case .add: result = x + y
    case .subtract: result = x - y
    case .multiply: result = x * y
    case .divide: result = x / y
    case .maximum: result = x.isNaN || y.isNaN ? .nan : x >= y ? x : y
    case .minimum: result = x.isNaN || y.isNaN ? .nan : x <= y ? x : y
    case .power: result = pow(x, y)
    case .floorDivide: result = y == 0 ? 0 : (x / y).rounded(.down)
    case .remainder: result = y == 0 ? 0 : x - y * (x / y).rounded(.down)
    case .and: result = x != 0 && y != 0 ? 1 : 0
    case .or: result = x != 0 || y != 0 ? 1 : 0
    case .xor: result = (x != 0) != (y != 0) ? 1 : 0
    }
    return representable(result, element)
  }

  static func apply(_ comparison: Comparison, _ x: Double, _ y: Double) -> Double {
    let holds =
      switch comparison {
      case .equal: x == y
      case .notEqual: x != y
      case .less: x < y
      case .lessOrEqual: x <= y
      case .greater: x > y
      case .greaterOrEqual: x >= y
      }
    return holds ? 1 : 0
  }

  static func convert(_ x: Double, to element: ElementType) -> Double? {
    switch element {
    case .float32, .float64: return x
    case .int32: return representable(x.rounded(.towardZero), .int32)
    case .bool: return x != 0 ? 1 : 0
    }
  }

  private static func representable(_ x: Double, _ element: ElementType) -> Double? {
    switch element {
    case .float32, .float64, .bool: x
    // + 0, because an integer has no −0.
    case .int32: Int32(exactly: x) == nil ? nil : x + 0
    }
  }
}
