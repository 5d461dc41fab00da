internal import EbbTensors
internal import Foundation

/// Functions of one number.
public enum UnaryFunction: UInt8, Hashable, Sendable, CaseIterable {
  /// −x, |x|, −1 or 0 or 1, max(x, 0), eˣ, eˣ − 1, log x, log(1 + x), log₂ x, √x, 1/x, tanh x, 1 / (1 + e⁻ˣ), log(1 +
  /// eˣ).
  case negate, absolute, sign, relu, exp, expm1, log, log1p, log2, sqrt, reciprocal, tanh, sigmoid, softplus
  /// sin x and cos x in radians, 2/√π ∫₀ˣ exp(−t²) dt, ⌊x⌋, x².
  case sin, cos, erf, floor, square
  /// Bool to Bool.
  case not
  /// Float to Bool: neither infinite nor NaN.
  case isFinite
}

extension UnaryFunction {
  /// Everything about a function except its derivative.
  package struct Traits: Sendable {
    /// The sign in drawings, as papers write it.
    package var sign: String
    package var domain: AcceptedElements
    package var yieldsTruth = false
    package var cost: FunctionCost
    /// Whether the derivative can be nonzero.
    package var isDifferentiable = true
    package var twice = Twice.another
    /// The function in Float64, used by the interpreter and by constant folding.
    package var value: @Sendable (Double) -> Double

    /// f(f(x)): x, f(x) or another function.
    package enum Twice: Sendable { case x, f, another }
  }

  package var traits: Traits { Self.rows[Int(rawValue)] }

  private static let rows = allCases.map(\.row)

  private var row: Traits {
    switch self {
    case .negate: Traits(sign: "−", domain: .numbers, cost: .instructions, twice: .x) { -$0 }
    case .absolute: Traits(sign: "|·|", domain: .numbers, cost: .instructions, twice: .f) { abs($0) }
    case .sign:
      Traits(sign: "sign", domain: .numbers, cost: .instructions, isDifferentiable: false, twice: .f) {
        $0 > 0 ? 1 : $0 < 0 ? -1 : $0
      }
    case .relu: Traits(sign: "ReLU", domain: .floats, cost: .instructions, twice: .f) { $0 > 0 || $0.isNaN ? $0 : 0 }
    case .exp: Traits(sign: "exp", domain: .floats, cost: .polynomial) { Foundation.exp($0) }
    case .expm1: Traits(sign: "expm1", domain: .floats, cost: .twoPolynomials) { Foundation.expm1($0) }
    case .log: Traits(sign: "log", domain: .floats, cost: .polynomial) { Foundation.log($0) }
    case .log1p: Traits(sign: "log1p", domain: .floats, cost: .twoPolynomials) { Foundation.log1p($0) }
    case .log2: Traits(sign: "log₂", domain: .floats, cost: .polynomial) { Foundation.log2($0) }
    case .sqrt: Traits(sign: "√", domain: .floats, cost: .instructions) { $0.squareRoot() }
    case .reciprocal: Traits(sign: "1 ÷", domain: .floats, cost: .instructions) { 1 / $0 }
    case .tanh: Traits(sign: "tanh", domain: .floats, cost: .polynomial) { Foundation.tanh($0) }
    case .sigmoid:
      // 1 / (1 + e^−x), in the form that cannot overflow.
      Traits(sign: "σ", domain: .floats, cost: .polynomial) {
        $0 >= 0 ? 1 / (1 + Foundation.exp(-$0)) : Foundation.exp($0) / (1 + Foundation.exp($0))
      }
    case .softplus:
      // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|); a NaN stays one.
      Traits(sign: "softplus", domain: .floats, cost: .twoPolynomials) {
        ($0 > 0 || $0.isNaN ? $0 : 0) + Foundation.log1p(Foundation.exp(-abs($0)))
      }
    case .sin: Traits(sign: "sin", domain: .floats, cost: .libraryCall) { Foundation.sin($0) }
    case .cos: Traits(sign: "cos", domain: .floats, cost: .libraryCall) { Foundation.cos($0) }
    case .erf: Traits(sign: "erf", domain: .floats, cost: .libraryCall) { Foundation.erf($0) }
    case .floor:
      Traits(sign: "⌊·⌋", domain: .floats, cost: .instructions, isDifferentiable: false, twice: .f) {
        $0.rounded(.down)
      }
    case .square: Traits(sign: "(·)²", domain: .numbers, cost: .instructions) { $0 * $0 }
    case .not:
      Traits(sign: "¬", domain: .truths, cost: .instructions, isDifferentiable: false, twice: .x) { $0 == 0 ? 1 : 0 }
    case .isFinite:
      Traits(sign: "finite?", domain: .floats, yieldsTruth: true, cost: .instructions, isDifferentiable: false) {
        $0.isFinite ? 1 : 0
      }
    }
  }

  package func callAsFunction(_ x: Double) -> Double { traits.value(x) }
}
