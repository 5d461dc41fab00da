/// One command: a word, its options, and what it does.
protocol Command: Sendable {
  /// The word after the program's name; or two, such as `text train`, where several commands belong together.
  var name: String { get }
  /// What it does, in one line.
  var summary: String { get }
  /// More about it, for its own help.
  var discussion: String { get }
  var options: [Option] { get }
  /// Whether it may write over the file that it reads.
  var replacesItsInput: Bool { get }
  /// Options that people expect here and that make no sense, with what to do instead.
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
