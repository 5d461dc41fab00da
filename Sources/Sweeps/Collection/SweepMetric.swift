public import EbbMarkup

/// A number that is reported of each task.
public struct SweepMetric: Sendable, Hashable {
  /// Its name in tables.
  public var name: String
  /// Where it is among the command's numbers: members by name, elements by number, from the end if negative, as
  /// `evaluations.-1.loss`.
  public var path: String
  /// Whether more is better.
  public var isLargestBest: Bool

  /// A number at a place.
  public init(_ name: String, _ path: String, isLargestBest: Bool = false) {
    (self.name, self.path, self.isLargestBest) = (name, path, isLargestBest)
  }

  /// The number; true counts as 1. NaN if there is none, as for a step that was never reached.
  public func value(in numbers: JSONValue) -> Double {
    guard let found = numbers.value(at: path) else { return .nan }
    if let isTrue = found.bool { return isTrue ? 1 : 0 }
    return found.double ?? .nan
  }

  /// Whether there is a value at the place, and not null.
  func isFound(in numbers: JSONValue) -> Bool {
    switch numbers.value(at: path) {
    case nil, .null?: false
    case .some: true
    }
  }
}

extension JSONValue {
  /// The value at a path of names and numbers with points between them; nil if there is none.
  public func value(at path: String) -> JSONValue? {
    var value = self
    for step in path.split(separator: ".") {
      switch value {
      case .object(let object):
        guard let member = object[String(step)] else { return nil }
        value = member
      case .array(let elements):
        guard let index = Int(step) else { return nil }
        let place = index < 0 ? elements.count + index : index
        guard elements.indices.contains(place) else { return nil }
        value = elements[place]
      case .null, .bool, .integer, .number, .string: return nil
      }
    }
    return value
  }
}
