internal import EbbTensors
internal import Foundation

/// Functions of two numbers of one element type.
public enum BinaryFunction: UInt8, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide
  /// NaN if either is; the first of equals receives the adjoint.
  case maximum, minimum
  case power
  /// Int32: floored division and its remainder, which has the divisor's sign; by zero gives 0.
  case floorDivide, remainder
  /// Bool.
  case and, or, xor
}

extension BinaryFunction {
  /// What the rest of the package asks about a function, beside its value and its derivatives.
  package struct Traits: Sendable {
    /// The sign in drawings, as papers write it.
    package var sign: String
    /// The mark on the second operand's arrow, where the operands' order matters.
    package var secondMark: String?
    package var domain: FunctionDomain
    /// The number n for which f(x, n) = x, and that for which f(n, x) = x.
    package var rightNeutral: Double?
    package var leftNeutral: Double?
    package var cost: FunctionCost
    /// Whether the derivatives are anything but 0 or undefined everywhere.
    package var isDifferentiable = true
    /// Whether f(x, x) = x.
    package var isIdempotent = false
  }

  package var traits: Traits {
    switch self {
    case .add: Traits(sign: "+", domain: .numbers, rightNeutral: 0, leftNeutral: 0, cost: .instructions)
    case .subtract: Traits(sign: "−", secondMark: "−", domain: .numbers, rightNeutral: 0, cost: .instructions)
    case .multiply: Traits(sign: "⊙", domain: .numbers, rightNeutral: 1, leftNeutral: 1, cost: .instructions)
    case .divide: Traits(sign: "÷", secondMark: "÷", domain: .floats, rightNeutral: 1, cost: .instructions)
    case .maximum: Traits(sign: "max", domain: .numbers, cost: .instructions, isIdempotent: true)
    case .minimum: Traits(sign: "min", domain: .numbers, cost: .instructions, isIdempotent: true)
    case .power: Traits(sign: "^", secondMark: "^", domain: .floats, rightNeutral: 1, cost: .libraryCall)
    case .floorDivide:
      Traits(
        sign: "⌊÷⌋", secondMark: "÷", domain: .integers, rightNeutral: 1, cost: .libraryCall, isDifferentiable: false)
    case .remainder:
      Traits(sign: "mod", secondMark: "÷", domain: .integers, cost: .libraryCall, isDifferentiable: false)
    case .and: Traits(sign: "∧", domain: .truths, cost: .instructions, isDifferentiable: false, isIdempotent: true)
    case .or: Traits(sign: "∨", domain: .truths, cost: .instructions, isDifferentiable: false, isIdempotent: true)
    case .xor: Traits(sign: "xor", domain: .truths, cost: .instructions, isDifferentiable: false)
    }
  }

  /// The function's value in Float64: what the interpreter computes and what compilation computes ahead of the run.
  package func callAsFunction(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .maximum: x.isNaN || x >= y ? x : y
    case .minimum: x.isNaN || x <= y ? x : y
    case .power: Foundation.pow(x, y)
    case .floorDivide: y == 0 ? 0 : (x / y).rounded(.down)
    case .remainder: y == 0 ? 0 : x - y * (x / y).rounded(.down)
    case .and: x != 0 && y != 0 ? 1 : 0
    case .or: x != 0 || y != 0 ? 1 : 0
    case .xor: (x != 0) != (y != 0) ? 1 : 0
    }
  }
}
