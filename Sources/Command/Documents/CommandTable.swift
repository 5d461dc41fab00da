/// All commands with all options, for completion scripts and the manual.
struct CommandTable {
  let program: String
  let cells: CellLibrary
  let commands: [any Command]

  init(_ commands: [any Command], _ context: CommandContext) {
    (self.commands, program, cells) = (commands, context.program, context.cells)
  }

  /// The first words of commands, each once.
  var firstWords: [String] { commands.map { $0.words[0] }.unique }

  /// A one-line summary of the family with this first word.
  func summary(of word: String) -> String {
    let family = commands.filter { $0.words[0] == word }
    return family.count == 1 ? family[0].summary : family.map { $0.words[1] }.joined(separator: ", ")
  }

  static let helpSummary = "tells the options of a command"

  /// The first words that need a second one, with those.
  var families: [(word: String, seconds: [any Command])] {
    firstWords.map { word in (word, commands.filter { $0.words.count > 1 && $0.words[0] == word }) }
      .filter { !$0.seconds.isEmpty }
  }

  /// The possible values of each option.
  func value(of option: Option) -> CompletedValue {
    guard option.placeholder != nil else { return .none }
    if let (words, isList) = option.words(cells) { return isList ? .list(words) : .words(words) }
    switch option.values {
    case .file, .written: return .file
    case .folder: return .folder
    case .any, .words, .list, .cell, .cells: return .text
    }
  }

  /// A name that shells accept for a function.
  var functionName: String {
    "_" + program.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
  }
}

/// The proposals of a shell for a value.
enum CompletedValue {
  /// The option has no value.
  case none
  case words([String])
  case list([String])
  case file, folder
  /// Something that cannot be proposed.
  case text
}

extension Command {
  /// The options that have a name, and those of every command.
  var namedOptions: [Option] { options.filter { !$0.isPositional } + Option.common }
  var places: [Option] { options.filter(\.isPositional) }
}

extension String {
  /// In single quotes for shells.
  var quoted: String { "'" + replacing("'", with: #"'\''"#) + "'" }
}
