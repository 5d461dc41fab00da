internal import EbbApplications

/// Reads arguments as the options of a command: the typed values, by option name.
///
/// Long options may be abbreviated if unambiguous, and take their values after a space or `=`. Letters may be combined.
/// After `--` everything is a value.
struct ArgumentReader {
  /// The request in the arguments.
  enum Request {
    case help, version
    case values([String: String])
  }

  private let command: any Command
  private let options: [Option]
  private let cells: CellLibrary
  private var values: [String: String] = [:]
  private var rest: ArraySlice<String>
  private var places: ArraySlice<Option>

  private init(_ arguments: ArraySlice<String>, of command: any Command, _ cells: CellLibrary) {
    self.command = command
    self.cells = cells
    options = (command.options + Option.common).filter { !$0.isPositional }
    places = command.options.filter(\.isPositional)[...]
    rest = arguments
  }

  static func read(
    _ arguments: ArraySlice<String>, of command: any Command, _ cells: CellLibrary
  ) throws(UsageError) -> Request {
    // A request for help is answered whatever else is wrong.
    let words = arguments.prefix { $0 != "--" }
    if words.contains("--help") || words.contains("-h") { return .help }
    var reader = ArgumentReader(arguments, of: command, cells)
    return try reader.read()
  }

  private mutating func read() throws(UsageError) -> Request {
    var hasEnded = false
    while let argument = rest.popFirst() {
      if !hasEnded, argument == "--" {
        hasEnded = true
      } else if !hasEnded, argument.hasPrefix("--") {
        try readName(argument)
      } else if !hasEnded, argument.first == "-", argument.dropFirst().first?.isLetter == true {
        try readLetters(argument)
      } else {
        try fillPlace(argument)
      }
      if values["help"] != nil { return .help }
      if values["version"] != nil { return .version }
    }
    if let place = places.first(where: { $0.standard == nil }) {
      throw UsageError("\(place.usage) is missing: \(place.help)")
    }
    for option in command.options {
      guard let value = values[option.name] else { continue }
      values[option.name] = option.canonical(value, cells)
      if case .written(let formats) = option.values {
        try FileFormat.check(value, isOneOf: formats, option.label)
      }
    }
    try Destinations.check(values, of: command, cells)
    return .values(values)
  }

  // MARK: Options

  /// `--name`, `--name VALUE` or `--name=VALUE`.
  private mutating func readName(_ argument: String) throws(UsageError) {
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let option = try option(String(parts.first ?? ""), argument)
    try set(option, "--" + option.name, attached: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// `-q`, `-o FILE`, `-oFILE`, or several letters together, as in `-qo FILE`.
  private mutating func readLetters(_ argument: String) throws(UsageError) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.letter == letter }) else {
        throw unknown(argument, "there is no option \(argument.count == 2 ? argument : "-\(letter) in \(argument)")")
      }
      let takesRest = option.placeholder != nil && !letters.isEmpty
      let attached = letters.first == "=" ? letters.dropFirst() : letters
      try set(option, "-\(letter)", attached: takesRest ? String(attached) : nil)
      if takesRest { return }
    }
  }

  private mutating func set(_ option: Option, _ label: String, attached: String?) throws(UsageError) {
    let before = values[option.name]
    guard before == nil || option.isRepeatable else { throw UsageError("--\(option.name) is given twice") }
    defer {
      if let before, let last = values[option.name] { values[option.name] = before + "\n" + last }
    }
    guard let placeholder = option.placeholder else {
      if attached != nil { throw UsageError("\(label) takes no value") }
      values[option.name] = ""
      return
    }
    if let attached {
      values[option.name] = attached
    } else if let next = rest.first, !isOption(next) {
      values[option.name] = next
      rest.removeFirst()
    } else if let bare = option.bare {
      values[option.name] = bare
    } else {
      throw UsageError("\(label) takes a value: \(label) \(placeholder)")
    }
  }

  /// Whether an argument is an option where a value is expected: numbers may begin with a minus sign.
  private func isOption(_ argument: String) -> Bool {
    if argument.hasPrefix("--") { return true }
    return argument.count == 2 && options.contains { $0.letter.map { "-\($0)" } == argument }
  }

  /// The option with this name, or the only one that starts with it.
  private func option(_ typed: String, _ argument: String) throws(UsageError) -> Option {
    if let exact = options.first(where: { $0.names.contains(typed) }) { return exact }
    let found = typed.isEmpty ? [] : options.filter { $0.names.contains { $0.hasPrefix(typed) } }
    if let only = found.first, found.count == 1 { return only }
    if !found.isEmpty {
      throw UsageError("--\(typed) may be \(found.map { "--" + $0.name }.joined(separator: ", "))")
    }
    if let instead = command.absentOptions[typed] { throw UsageError("there is no option --\(typed): \(instead)") }
    throw unknown(
      typed.contains(where: \.isWhitespace) ? argument : typed,
      "there is no option \(typed.isEmpty ? argument : "--" + typed)")
  }

  private func unknown(_ typed: String, _ message: String) -> UsageError {
    let isText = typed.contains(where: \.isWhitespace)
    let hint = isText ? "\nA value that begins with - comes after --: \(command.name) -- '\(typed)'" : ""
    return UsageError(
      "\(message); \(listOfOptions)"
        + Spelling.question(String(typed.drop { $0 == "-" }), among: options.flatMap(\.names), prefix: "--") + hint)
  }

  // MARK: Places

  private mutating func fillPlace(_ argument: String) throws(UsageError) {
    if let place = places.popFirst() {
      values[place.name] = argument
      return
    }
    let usesCell = command.options.contains { $0.name == "cell" }
    if usesCell, let cell = [argument].canonical(among: cells.names).first, cells[cell] != nil {
      throw unknownValue(argument, "\nDid you mean --cell \(cell)?")
    }
    throw unknownValue(argument, Spelling.question(argument, among: options.flatMap(\.names), prefix: "--"))
  }

  private func unknownValue(_ argument: String, _ hint: String) -> UsageError {
    return UsageError("'\(argument)' is no option; \(listOfOptions)" + hint)
  }

  /// The command's own options.
  private var listOfOptions: String {
    let names = command.options.filter { !$0.isPositional }.map { "--" + $0.name }
    return names.isEmpty ? "\(command.name) has none" : "the options are \(names.joined(separator: ", "))"
  }
}

extension Option {
  /// The words that the value can be, or can list with commas between them; nil if it can be anything.
  func words(_ cells: CellLibrary) -> (words: [String], isList: Bool)? {
    switch values {
    case .words(let words): (words, false)
    case .list(let words): (words, true)
    case .cell: (cells.names, false)
    case .cells: (cells.names, true)
    case .any, .file, .folder, .written: nil
    }
  }

  /// The value with known words in their canonical spelling.
  fileprivate func canonical(_ value: String, _ cells: CellLibrary) -> String {
    guard let (words, isList) = words(cells) else { return value }
    let typed = isList ? value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [value]
    return typed.canonical(among: words).joined(separator: ",")
  }
}

extension [String] {
  /// Each word as written in the list; unchanged if it is not there, or ambiguous except for case.
  fileprivate func canonical(among words: [String]) -> [String] {
    map { word in
      if words.contains(word) { return word }
      let found = words.filter { $0.lowercased() == word.lowercased() }
      return found.count == 1 ? found[0] : word
    }
  }
}
