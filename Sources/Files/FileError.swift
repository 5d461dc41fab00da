/// Something wrong with a file or other data: where it is, what is wrong, and what would be right.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, or another name of the data.
  public var source: String
  /// The line of the file, from 1.
  public var line: Int?
  /// The column: its name, or its number from 1.
  public var column: String?
  /// What is wrong, and what would be right.
  public var message: String
  /// The system's reason at the end of the message, such as "No such file or directory"; nil if the problem is not the
  /// system's.
  package private(set) var cause: String?

  /// An error at this place of a file or other data.
  public init(_ source: String, line: Int? = nil, column: String? = nil, _ message: String) {
    self.source = source
    self.line = line
    self.column = column
    self.message = message
  }

  /// A failed operation on a file, such as "cannot be written", in the system's words.
  package init(_ path: String, _ problem: String, because cause: String) {
    self.init(path, "\(problem): \(cause)")
    self.cause = cause
  }

  public var description: String {
    var place = source
    if let line { place += ":\(line)" }
    if let column { place += ", column \(column)" }
    return "\(place): \(message)"
  }
}
