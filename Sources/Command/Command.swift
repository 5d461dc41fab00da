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
  /// The option with which it reads the file of its cell itself, again and again; nil if it does not.
  var followingOption: String? { get }
  /// Options that users may expect but that make no sense here, with alternatives.
  var absentOptions: [String: String] { get }
  /// Does it; returns the exit status.
  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32
}

extension Command {
  var discussion: String { "" }
  var absentOptions: [String: String] { [:] }
  var replacesItsInput: Bool { false }
  var followingOption: String? { nil }
  var words: [String] { name.split(separator: " ").map(String.init) }
}
