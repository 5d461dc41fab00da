/// Why no network was found in a file: what is ambiguous or missing, and which choices there are.
public struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  /// An error that reads so.
  public init(_ description: String) { self.description = description }
}
