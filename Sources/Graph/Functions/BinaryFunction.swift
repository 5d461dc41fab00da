internal import EbbTensors
internal import Foundation

/// Functions of two numbers of one element type.
public enum BinaryFunction: UInt8, Hashable, Sendable, CaseIterable {
  /// x + y, x − y, x · y, x / y.
  case add, subtract, multiply, divide
  /// NaN if either is NaN; of equal operands the first receives the adjoint.
  case maximum, minimum
  /// xʸ.
  case power
  /// (y, x): the angle of the point (x, y), from −π to π, with the sign of y; at the origin both derivatives are 0.
  case atan2
  /// Int32: floored division and its remainder, which has the divisor's sign; division by zero gives 0.
  case floorDivide, remainder
  /// Bool.
  case and, or, xor
}

extension BinaryFunction {
  /// Everything about a function except its derivatives.
  package struct Traits: Sendable {
    /// The sign in drawings, as papers write it.
    package var sign: String
    /// The marks on the operands' arrows, where their order matters.
    package var marks: [String?] = []
    package var domain: AcceptedElements
    /// The number n for which f(x, n) = x, and the one for which f(n, x) = x.
    package var rightNeutral: Double?
    package var leftNeutral: Double?
    package var cost: FunctionCost
    /// Whether the derivatives can be nonzero.
    package var isDifferentiable = true
    /// Whether f(x, x) = x.
    package var isIdempotent = false
    /// The function in Float64, used by the interpreter and by constant folding.
    package var value: @Sendable (Double, Double) -> Double
  }

  package var traits: Traits { Self.rows[Int(rawValue)] }

  private static let rows = allCases.map(\.row)

  private var row: Traits {
    switch self {
    case .add: Traits(sign: "+", domain: .numbers, rightNeutral: 0, leftNeutral: 0, cost: .instructions) { $0 + $1 }
    case .subtract:
      Traits(sign: "−", marks: [nil, "−"], domain: .numbers, rightNeutral: 0, cost: .instructions) { $0 - $1 }
    case .multiply:
      Traits(sign: "⊙", domain: .numbers, rightNeutral: 1, leftNeutral: 1, cost: .instructions) { $0 * $1 }
    case .divide:
      Traits(sign: "÷", marks: [nil, "÷"], domain: .floats, rightNeutral: 1, cost: .instructions) { $0 / $1 }
    case .maximum:
      Traits(sign: "max", domain: .numbers, cost: .instructions, isIdempotent: true) { $0.isNaN || $0 >= $1 ? $0 : $1 }
    case .minimum:
      Traits(sign: "min", domain: .numbers, cost: .instructions, isIdempotent: true) { $0.isNaN || $0 <= $1 ? $0 : $1 }
    case .power:
      Traits(sign: "^", marks: [nil, "^"], domain: .floats, rightNeutral: 1, cost: .libraryCall) {
        Foundation.pow($0, $1)
      }
    case .atan2:
      Traits(sign: "atan2", marks: ["y", "x"], domain: .floats, cost: .libraryCall) { Foundation.atan2($0, $1) }
    case .floorDivide:
      Traits(
        sign: "⌊÷⌋", marks: [nil, "÷"], domain: .integers, rightNeutral: 1, cost: .libraryCall, isDifferentiable: false
      ) { $1 == 0 ? 0 : ($0 / $1).rounded(.down) }
    case .remainder:
      Traits(sign: "mod", marks: [nil, "÷"], domain: .integers, cost: .libraryCall, isDifferentiable: false) {
        $1 == 0 ? 0 : $0 - $1 * ($0 / $1).rounded(.down)
      }
    case .and:
      Traits(sign: "∧", domain: .truths, cost: .instructions, isDifferentiable: false, isIdempotent: true) {
        $0 != 0 && $1 != 0 ? 1 : 0
      }
    case .or:
      Traits(sign: "∨", domain: .truths, cost: .instructions, isDifferentiable: false, isIdempotent: true) {
        $0 != 0 || $1 != 0 ? 1 : 0
      }
    case .xor:
      Traits(sign: "xor", domain: .truths, cost: .instructions, isDifferentiable: false) {
        ($0 != 0) != ($1 != 0) ? 1 : 0
      }
    }
  }

  package func callAsFunction(_ x: Double, _ y: Double) -> Double { traits.value(x, y) }
}
