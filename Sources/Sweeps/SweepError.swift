/// What is wrong with an experiment or its folder, and what would be right.
public struct SweepError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file and the place in it, such as `memory.json: grid.rate`.
  public var place: String
  /// What is wrong there.
  public var reason: String

  /// An error at a place.
  public init(_ place: String, _ reason: String) { (self.place, self.reason) = (place, reason) }

  public var description: String { "\(place): \(reason)" }
}
