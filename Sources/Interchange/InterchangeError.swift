/// Why a file could not be read or written: the file, and what is wrong.
public struct InterchangeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, or another name of the data.
  public var source: String
  /// What is wrong.
  public var message: String

  /// An error of this file or data.
  public init(_ source: String, _ message: String) {
    self.source = source
    self.message = message
  }

  public var description: String { "\(source): \(message)" }
}
