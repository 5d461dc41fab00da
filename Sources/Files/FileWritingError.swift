/// A file that could not be written; any previous file at the path is untouched.
public struct FileWritingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The system's reason, such as "No such file or directory".
  public var reason: String

  public var description: String { "cannot write '\(path)': \(reason)" }
}
