/// Why and where a text is not JSON, or not the JSON that was expected.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong.
  public var reason: String
  /// From 0, in bytes of UTF-8.
  public var offset: Int
  /// From 1.
  public var line: Int
  /// From 1, in Unicode scalars.
  public var column: Int

  public var description: String { "line \(line), column \(column): \(reason)" }
}
