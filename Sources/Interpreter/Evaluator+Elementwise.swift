internal import EbbGraph
internal import EbbTensors
internal import Foundation

extension Evaluator {
  /// Applies a function to each feature; an operand of shape `[]` is repeated over the features of the others.
  func elementwise(
    _ operands: [NodeID], _ shape: Shape, at point: Point, _ function: ([Double]) -> Double
  ) -> [Double] {
    let features = operands.map { read($0, point) }
    return (0..<shape.count).map { index in
      function(features.map { $0.count == 1 ? $0[$0.startIndex] : $0[$0.startIndex + index] })
    }
  }

  func apply(_ function: UnaryFunction, _ x: Double, isFloat: Bool) -> Double {
    switch function {
    case .negate: return isFloat ? -x : wrapped(-Int(x))
    case .absolute: return isFloat ? abs(x) : wrapped(abs(Int(x)))
    case .sign: return x > 0 ? 1 : x < 0 ? -1 : x
    case .relu: return x > 0 || x.isNaN ? x : 0
    case .exp: return exp(x)
    case .expm1: return expm1(x)
    case .log: return log(x)
    case .log1p: return log1p(x)
    case .sqrt: return x.squareRoot()
    case .reciprocal: return 1 / x
    case .tanh: return tanh(x)
    case .sigmoid:
      // 1 / (1 + e^−x), of which only the side is used that cannot overflow.
      return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x))
    case .softplus:
      // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|); a NaN stays one.
      return (x > 0 || x.isNaN ? x : 0) + log1p(exp(-abs(x)))
    case .sin: return sin(x)
    case .cos: return cos(x)
    case .erf: return erf(x)
    case .floor: return x.rounded(.down)
    case .square: return isFloat ? x * x : wrapped(Int(x) * Int(x))
    case .not: return x == 0 ? 1 : 0
    case .isFinite: return x.isFinite ? 1 : 0
    }
  }

  func apply(_ function: BinaryFunction, _ x: Double, _ y: Double, _ element: ElementType) -> Double {
    let isFloat = element.isFloat
    switch function {
    case .add: return isFloat ? x + y : wrapped(Int(x) + Int(y))
    case .subtract: return isFloat ? x - y : wrapped(Int(x) - Int(y))
    case .multiply: return isFloat ? x * y : wrapped(Int(x) * Int(y))
    case .divide: return x / y
    case .maximum: return x.isNaN || x >= y ? x : y
    case .minimum: return x.isNaN || x <= y ? x : y
    case .power: return pow(x, y)
    case .floorDivide: return y == 0 ? 0 : wrapped(Int((x / y).rounded(.down)))
    case .remainder: return y == 0 ? 0 : x - y * (x / y).rounded(.down)
    case .and: return x != 0 && y != 0 ? 1 : 0
    case .or: return x != 0 || y != 0 ? 1 : 0
    case .xor: return (x != 0) != (y != 0) ? 1 : 0
    }
  }

  func compare(_ comparison: Comparison, _ x: Double, _ y: Double) -> Bool {
    switch comparison {
    case .equal: x == y
    case .notEqual: x != y
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    }
  }

  /// Float32 values are held in Float64 and not rounded; float to Int32 truncates and saturates, and NaN becomes 0.
  func convert(_ x: Double, to element: ElementType) -> Double {
    switch element {
    case .float32, .float64: x
    case .int32: x.isNaN ? 0 : min(max(x, Double(Int32.min)), Double(Int32.max)).rounded(.towardZero)
    case .bool: x != 0 ? 1 : 0
    }
  }

  /// Int32 arithmetic wraps around: the graph leaves open what happens beyond the range, and here it never traps.
  private func wrapped(_ x: Int) -> Double { Double(Int32(truncatingIfNeeded: x)) }
}
