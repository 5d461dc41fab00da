/// One command: its name, its options, and its action.
protocol Command: Sendable {
  /// The word after the program's name; or two, such as `text train`, where several commands belong together.
  var name: String { get }
  /// The command's purpose, in one line.
  var summary: String { get }
  /// More about it, for its own help.
  var discussion: String { get }
  var options: [Option] { get }
  /// Whether it may overwrite the file that it reads.
  var replacesItsInput: Bool { get }
  /// Options that users may expect but that make no sense here, with alternatives.
  var absentOptions: [String: String] { get }
  /// Does it; returns the exit status.
  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32
}

extension Command {
  var discussion: String { "" }
  var absentOptions: [String: String] { [:] }
  var replacesItsInput: Bool { false }
  var words: [String] { name.split(separator: " ").map(String.init) }
}
