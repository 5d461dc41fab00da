/// Something that keeps weights from travelling.
public enum WeightProblem: Hashable, Sendable, CustomStringConvertible {
  /// It is missing, and should have this shape.
  case missing(name: String, shape: [Int])
  /// It is missing, and unused tensors have similar names.
  case misnamed(name: String, shape: [Int], near: [String])
  /// It has no place in the network.
  case superfluous(name: String, shape: [Int])
  /// It has another shape than the network's.
  case shape(name: String, found: [Int], expected: [Int])
  /// Integers or truth values where floats belong.
  case element(name: String, found: String)
  /// It is in the file with an unsupported type of numbers.
  case unread(name: String, type: String, reason: String)
  /// The framework's layer has a value of a setting that the cell here cannot have.
  case setting(module: String, name: String, found: String, expected: String)
  /// The convention has no place for this parameter, and it is not zero.
  case noPlace(name: String)
  /// Two parts of a network have this name.
  case twice(name: String)
  /// The convention does not have the cell.
  case unknownCell(scope: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let name, let shape): "\(name) \(shape) is missing"
    case .misnamed(let name, let shape, let near):
      "\(name) \(shape) is missing; like it are \(near.joined(separator: ", "))"
    case .unread(let name, let type, let reason): "\(name) is of the type \(type): \(reason)"
    case .setting(let module, let name, let found, let expected):
      "\(module) was made with \(name) \(found), and the cell has \(expected)"
    case .superfluous(let name, let shape): "\(name) \(shape) has no place here"
    case .shape(let name, let found, let expected):
      "\(name) has the shape \(found), and must have \(expected)" + Self.hint(found, expected)
    case .element(let name, let found): "\(name) has elements \(found), and must have floats"
    case .noPlace(let name): "\(name) is not zero, and the convention has no such parameter"
    case .twice(let name): "\(name) is there twice"
    case .unknownCell(let scope, let reason): scope.isEmpty ? reason : "\(scope): \(reason)"
    }
  }

  /// The biases of a Keras GRU show where its reset gate is.
  private static func hint(_ found: [Int], _ expected: [Int]) -> String {
    if found.count == 2, found[0] == 2, expected == [found[1]] {
      return ": two rows of biases are those of a GRU with reset_after; use ResetAfterGRU"
    }
    if expected.count == 2, expected[0] == 2, found == [expected[1]] {
      return ": one row of biases is that of a GRU without reset_after; use GRU"
    }
    return ""
  }
}

/// All obstacles to a conversion of weights, by name.
public struct WeightError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The problems, by name.
  public var problems: [WeightProblem]

  /// An error of these problems.
  public init(_ problems: [WeightProblem]) { self.problems = problems }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

extension [String] {
  /// The names most similar to this one: the same last part in another module, or a few letters apart; at most three.
  func nearest(to name: String) -> [String] {
    func distance(_ other: String) -> Int? {
      let ends = [".", "/"].contains { other.hasSuffix($0 + name) || name.hasSuffix($0 + other) }
      if ends { return 0 }
      let limit = Swift.max(1, name.count / 5)
      guard abs(other.count - name.count) <= limit else { return nil }
      let steps = edits(Array<Character>(name), Array<Character>(other))
      return steps <= limit ? steps : nil
    }
    // Few names are compared one by one: for a file of another model, the first ones are enough.
    let candidates = prefix(1000).compactMap { other in distance(other).map { (other, $0) } }
    return candidates.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }
}

/// The number of insertions, deletions and replacements of letters (Levenshtein 1966).
private func edits(_ first: [Character], _ second: [Character]) -> Int {
  var row = Array(0...second.count)
  for (index, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for (place, other) in second.enumerated() {
      let above = row[place + 1]
      row[place + 1] = letter == other ? diagonal : 1 + min(diagonal, above, row[place])
      diagonal = above
    }
  }
  return row[second.count]
}
