/// Something that keeps weights from travelling.
public enum WeightProblem: Hashable, Sendable, CustomStringConvertible {
  case missing(name: String, shape: [Int])
  case superfluous(name: String, shape: [Int])
  case shape(name: String, found: [Int], expected: [Int])
  /// Integers or truth values where floats belong.
  case element(name: String, found: String)
  /// The convention has no place for this parameter, and it is not zero.
  case noPlace(name: String)
  /// Two parts of a network have this name.
  case twice(name: String)
  /// The convention does not have the cell.
  case unknownCell(scope: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let name, let shape): "\(name) \(shape) is missing"
    case .superfluous(let name, let shape): "\(name) \(shape) has no place here"
    case .shape(let name, let found, let expected): "\(name) has the shape \(found), and must have \(expected)"
    case .element(let name, let found): "\(name) has elements \(found), and must have floats"
    case .noPlace(let name): "\(name) is not zero, and the convention has no such parameter"
    case .twice(let name): "\(name) is there twice"
    case .unknownCell(let scope, let reason): scope.isEmpty ? reason : "\(scope): \(reason)"
    }
  }
}

/// Everything that keeps weights from travelling, by name.
public struct WeightError: Error, Hashable, Sendable, CustomStringConvertible {
  public var problems: [WeightProblem]

  public init(_ problems: [WeightProblem]) { self.problems = problems }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
