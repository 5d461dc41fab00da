/// Why a cell cannot be written as equations.
public enum EquationWritingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A value computed by an operation that the language of equations has no words for.
  case noWords(value: String, operation: String)
  /// A gradient without a parameter that is trained.
  case nothingTrained

  public var description: String {
    switch self {
    case .noWords(let value, let operation):
      "\(value) cannot be written as an equation: there is no notation for \(operation); a listing or a picture of the "
        + "graph has every operation"
    case .nothingTrained: "the cell has no trained parameter, so there is no gradient to write"
    }
  }

  /// The same of another value.
  func of(_ value: String) -> EquationWritingError {
    switch self {
    case .noWords(_, let operation): .noWords(value: value, operation: operation)
    case .nothingTrained: self
    }
  }
}
