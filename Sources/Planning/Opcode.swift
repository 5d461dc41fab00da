package import EbbGraph

/// One operation of an elementwise program: a function of the graph, or one that only programs have.
package enum Opcode: Hashable, Sendable {
  /// A function of one number.
  case unary(UnaryFunction)
  /// A function of two numbers.
  case binary(BinaryFunction)
  /// A comparison of two numbers.
  case compare(Comparison)
  /// An operation that only programs have.
  case special(Special)

  /// The operations that only programs have.
  package enum Special: Hashable, Sendable, CaseIterable {
    /// (condition, b, c): b where the condition holds, else c.
    case select
    /// The number itself.
    case copy
    /// Rounds towards zero.
    case truncate

    // MARK: Several nodes of the graph at once
    /// 1 − a.
    case oneMinus
    /// a·b + c, c − a·b, a·b − c.
    case multiplyAdd, negateMultiplyAdd, multiplySubtract
    /// a·(1 − b²): the adjoint a through b = tanh.
    case tanhGradient
    /// a·b·(1 − b): the adjoint a through b = σ.
    case sigmoidGradient
  }

  /// How many registers the operation reads.
  package var argumentCount: Int {
    switch self {
    case .unary, .special(.copy), .special(.truncate), .special(.oneMinus): 1
    case .binary, .compare, .special(.tanhGradient), .special(.sigmoidGradient): 2
    case .special(.select), .special(.multiplyAdd), .special(.negateMultiplyAdd), .special(.multiplySubtract): 3
    }
  }
}

/// The operation's word in printed plans.
extension Opcode: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unary(let function): "\(function)"
    case .binary(let function): "\(function)"
    case .compare(let comparison): "\(comparison)"
    case .special(let operation): "\(operation)"
    }
  }
}
