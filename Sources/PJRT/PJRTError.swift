/// Why a device did not do what was asked: what was wrong, in the plugin's words where it said something.
public struct PJRTError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  /// An error that reads so.
  public init(_ description: String) { self.description = description }
}
