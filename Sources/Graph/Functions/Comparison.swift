/// How two numbers of one element type are compared.
public enum Comparison: UInt8, Hashable, Sendable, CaseIterable {
  /// =, ≠, <, ≤, >, ≥.
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  /// The sign in drawings.
  package var sign: String {
    switch self {
    case .equal: "="
    case .notEqual: "≠"
    case .less: "<"
    case .lessOrEqual: "≤"
    case .greater: ">"
    case .greaterOrEqual: "≥"
    }
  }

  /// Whether the operands may be exchanged.
  package var isSymmetric: Bool { self == .equal || self == .notEqual }

  package func callAsFunction(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .equal: x == y
    case .notEqual: x != y
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    }
  }
}
