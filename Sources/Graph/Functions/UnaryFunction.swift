internal import EbbTensors
internal import Foundation

/// Functions of one number.
public enum UnaryFunction: UInt8, Hashable, Sendable, CaseIterable {
  case negate, absolute, sign, relu, exp, expm1, log, log1p, sqrt, reciprocal, tanh, sigmoid, softplus, sin, cos, erf
  case floor, square
  /// Bool to Bool.
  case not
  /// Float to Bool: neither infinite nor NaN.
  case isFinite
}

extension UnaryFunction {
  /// What the rest of the package asks about a function, beside its value and its derivative.
  package struct Traits: Sendable {
    /// The sign in drawings, as papers write it.
    package var sign: String
    package var domain: FunctionDomain
    package var yieldsTruth = false
    package var cost: FunctionCost
    /// Whether the derivative is anything but 0 or undefined everywhere.
    package var isDifferentiable = true
    package var twice = Twice.another

    /// What f(f(x)) is.
    package enum Twice: Sendable { case x, f, another }
  }

  package var traits: Traits {
    switch self {
    case .negate: Traits(sign: "−", domain: .numbers, cost: .instructions, twice: .x)
    case .absolute: Traits(sign: "|·|", domain: .numbers, cost: .instructions, twice: .f)
    case .sign: Traits(sign: "sign", domain: .numbers, cost: .instructions, isDifferentiable: false, twice: .f)
    case .relu: Traits(sign: "ReLU", domain: .floats, cost: .instructions, twice: .f)
    case .exp: Traits(sign: "exp", domain: .floats, cost: .polynomial)
    case .expm1: Traits(sign: "expm1", domain: .floats, cost: .twoPolynomials)
    case .log: Traits(sign: "log", domain: .floats, cost: .polynomial)
    case .log1p: Traits(sign: "log1p", domain: .floats, cost: .twoPolynomials)
    case .sqrt: Traits(sign: "√", domain: .floats, cost: .instructions)
    case .reciprocal: Traits(sign: "1 ÷", domain: .floats, cost: .instructions)
    case .tanh: Traits(sign: "tanh", domain: .floats, cost: .polynomial)
    case .sigmoid: Traits(sign: "σ", domain: .floats, cost: .polynomial)
    case .softplus: Traits(sign: "softplus", domain: .floats, cost: .twoPolynomials)
    case .sin: Traits(sign: "sin", domain: .floats, cost: .libraryCall)
    case .cos: Traits(sign: "cos", domain: .floats, cost: .libraryCall)
    case .erf: Traits(sign: "erf", domain: .floats, cost: .libraryCall)
    case .floor: Traits(sign: "⌊·⌋", domain: .floats, cost: .instructions, isDifferentiable: false, twice: .f)
    case .square: Traits(sign: "(·)²", domain: .numbers, cost: .instructions)
    case .not: Traits(sign: "¬", domain: .truths, cost: .instructions, isDifferentiable: false, twice: .x)
    case .isFinite:
      Traits(sign: "finite?", domain: .floats, yieldsTruth: true, cost: .instructions, isDifferentiable: false)
    }
  }

  /// The function's value in Float64: what the interpreter computes and what compilation computes ahead of the run.
  package func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .negate: return -x
    case .absolute: return abs(x)
    case .sign: return x > 0 ? 1 : x < 0 ? -1 : x
    case .relu: return x > 0 || x.isNaN ? x : 0
    case .exp: return Foundation.exp(x)
    case .expm1: return Foundation.expm1(x)
    case .log: return Foundation.log(x)
    case .log1p: return Foundation.log1p(x)
    case .sqrt: return x.squareRoot()
    case .reciprocal: return 1 / x
    case .tanh: return Foundation.tanh(x)
    case .sigmoid:
      // 1 / (1 + e^−x), of which only the side is used that cannot overflow.
      return x >= 0 ? 1 / (1 + Foundation.exp(-x)) : Foundation.exp(x) / (1 + Foundation.exp(x))
    case .softplus:
      // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|); a NaN stays one.
      return (x > 0 || x.isNaN ? x : 0) + Foundation.log1p(Foundation.exp(-abs(x)))
    case .sin: return Foundation.sin(x)
    case .cos: return Foundation.cos(x)
    case .erf: return Foundation.erf(x)
    case .floor: return x.rounded(.down)
    case .square: return x * x
    case .not: return x == 0 ? 1 : 0
    case .isFinite: return x.isFinite ? 1 : 0
    }
  }
}
