/// An error in data: where it is, what is wrong and what would be right.
public struct DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, or another name of the data.
  public var source: String
  /// The line of the file, from 1.
  public var line: Int?
  /// The column: its name, or its number from 1.
  public var column: String?
  /// What is wrong, and what would be right.
  public var message: String

  /// An error at this place of the data.
  public init(_ source: String, line: Int? = nil, column: String? = nil, _ message: String) {
    self.source = source
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String {
    var place = source
    if let line { place += ":\(line)" }
    if let column { place += ", column \(column)" }
    return "\(place): \(message)"
  }
}
