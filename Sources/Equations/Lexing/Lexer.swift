/// Cuts a text of equations into tokens that no longer tell LaTeX from Unicode or ASCII.
///
/// One thing differs: in LaTeX a name is one letter (`Wh` is W times h), elsewhere a run of letters and digits. A text is
/// LaTeX if it has a command.
struct Lexer {
  private let source: EquationText
  private let end: Int
  private let isLaTeX: Bool
  private var position: Int
  private var depth = 0
  /// How many < are open as brackets: a > that closes none compares.
  private var angles = 0
  /// How many matrices of LaTeX are open: `\\\\` parts their rows.
  private var matrices = 0
  /// The arrays that are open, and whether each is a matrix.
  private var arrays: [Bool] = []
  private var isSpaced = true
  private var tokens: [Token] = []
  /// Where a brace over or under a part of an equation ends: the words beside it are no index.
  private var labelled: Set<Int> = []

  /// The tokens of a part of the text.
  static func tokens(of source: EquationText, in range: Range<Int>) throws(EquationError) -> [Token] {
    var lexer = Lexer(source, range)
    while lexer.position < lexer.end { try lexer.readToken() }
    return lexer.tokens
  }

  private init(_ source: EquationText, _ range: Range<Int>) {
    self.source = source
    (position, end) = (range.lowerBound, range.upperBound)
    isLaTeX = zip(source.characters[range], source.characters[range].dropFirst()).contains { $0 == "\\" && $1.isLetter }
  }

  private func character(_ offset: Int = 0) -> Character? {
    position + offset < end ? source.characters[position + offset] : nil
  }

  private mutating func emit(_ kind: Token.Kind, length: Int = 1) {
    tokens.append(Token(kind: kind, range: position..<position + length, isSpaced: isSpaced))
    isSpaced = false
    position += length
  }

  private mutating func skip(_ length: Int = 1) {
    position += length
    isSpaced = true
  }

  // MARK: Tokens

  /// Whether one letter stands before this in an index, so that < compares and is no bracket.
  private var followsIndex: Bool {
    let last = tokens.suffix(3).map(\.kind)
    guard last.count == 3, case .name = last[2] else { return false }
    return last[0] == .symbol(.underscore) && last[1] == .symbol(.openBrace)
  }

  private mutating func readToken() throws(EquationError) {
    guard let first = character() else { return }
    if first.isNewline {
      emit(.newline)
      isSpaced = true
    } else if first.isWhitespace || "&$`".contains(first) || first == "~" && isLaTeX && !beginsStart {
      if first == "$", character(1) == "$" { emit(.rowBreak, length: 2) } else { skip() }
    } else if first == "%" || first == "#" || first == "/" && character(1) == "/" {
      while let next = character(), !next.isNewline { skip() }
    } else if first == "\\" {
      try readCommand()
    } else if first.isASCIIDigit || first == "." && character(1)?.isASCIIDigit == true {
      try readNumber()
    } else if first == ".", let next = character(1), readPeriod(before: next) {
      return
    } else if "_^".contains(first), labelled.contains(position) {
      skip()
      if let close = groupEnd() { skip(close - position) }
    } else if let low = run(MathSpelling.lowered) {
      emitScript(.underscore, low)
    } else if let high = run(MathSpelling.raised) {
      emitScript(.caret, high)
    } else if first == "|", character(1) == "|" {
      emit(.symbol(.doubleBar), length: 2)
    } else if first == "<", followsIndex {
      emit(.symbol(character(1) == "=" ? .lessOrEqual : .less), length: character(1) == "=" ? 2 : 1)
    } else if first == ">", angles == 0 {
      emit(.symbol(character(1) == "=" ? .greaterOrEqual : .greater), length: character(1) == "=" ? 2 : 1)
    } else if let symbol = MathSpelling.symbols[first] {
      if first == "<" || first == ">" { angles += symbol.nesting }
      depth += symbol.nesting
      emit(.symbol(symbol))
    } else if first == "𝟙" || first == "𝟏" {
      emit(.number(1))
    } else if first == "∑" || first == "∂" {
      readSign()
    } else if first.isLetter {
      readName()
    } else {
      throw source.error(at: position, "\(first) is not read in equations")
    }
  }

  /// A name: a letter in LaTeX, unless the run of letters is a function's name; a run of letters and digits elsewhere.
  private mutating func readName() {
    var length = 0
    while let next = character(length), next.isNameLetter || !isLaTeX && next.isASCIIDigit { length += 1 }
    var word = String(source.characters[position..<position + length])
    // `c~` is c with a tilde, `b ~ ones` is a relation.
    if !isLaTeX, character(length) == "~", character(length + 1)?.isLetter != true {
      length += 1
      word.append("\u{303}")
    }
    if isLaTeX, NamedFunction(word) == nil || length == 1 {
      length = 1
      word = String(word.prefix(1))
    }
    if word == "in", tokens.count > 1, tokens[tokens.count - 2].kind == .name("for") {
      // for k in i, f, o
      tokens[tokens.count - 2].kind = .symbol(.comma)
      emit(.symbol(.element), length: length)
    } else {
      emitName(word, length)
    }
  }

  /// The periods of programs: `np.dot` is dot, `x.T` is transposed, `.*` works entry by entry; false for another one.
  private mutating func readPeriod(before next: Character) -> Bool {
    if next == "T", character(2)?.isNameLetter != true, tokens.last.map({ !$0.isRelation }) == true, !isSpaced {
      emit(.symbol(.transpose), length: 2)
    } else if next == "*" {
      emit(.symbol(.hadamard), length: 2)
    } else if "+-/(".contains(next), next != "(" || tokens.last?.isName == true && !isSpaced {
      skip()
    } else if !isLaTeX, next.isNameLetter, tokens.last?.isName == true, !isSpaced,
      tokens.dropLast().last?.kind != .symbol(.underscore)
    {
      tokens.removeLast()
      position += 1
    } else {
      return false
    }
    return true
  }

  /// `∑`, and `∂L` or `∂h` as one name.
  private mutating func readSign() {
    var length = 1
    while source.characters[position] == "∂", !isLaTeX, let next = character(length),
      next.isNameLetter || next.isASCIIDigit
    {
      length += 1
    }
    emit(.name(String(source.characters[position..<position + length])), length: length)
  }

  /// Whether initial values follow a tilde; otherwise it is a space of LaTeX.
  private var beginsStart: Bool {
    let rest = source.characters[(position + 1)..<end].drop { $0.isWhitespace }
    return EquationSettings.startWords.contains(String(rest.prefix(while: \.isLetter)))
  }

  /// `\Delta t` and `Δ t` are one name, but not after an index Δ.
  private mutating func emitName(_ word: String, _ length: Int) {
    if let last = tokens.last, last.kind == .name("Δ"), word.count == 1, tokens.dropLast().last?.isScriptMark != true {
      tokens[tokens.count - 1].kind = .name("Δ" + word)
      tokens[tokens.count - 1].range = last.range.lowerBound..<position + length
      position += length
    } else {
      emit(.name(word), length: length)
    }
  }

  /// Digits with a point and an exponent.
  private mutating func readNumber() throws(EquationError) {
    var length = 0
    func digits() { while character(length)?.isASCIIDigit == true { length += 1 } }
    digits()
    if character(length) == ".", character(length + 1)?.isASCIIDigit == true {
      length += 1
      digits()
    }
    let sign = character(length + 1).map { "+-".contains($0) } == true ? 1 : 0
    if character(length).map({ "eE".contains($0) }) == true, character(length + 1 + sign)?.isASCIIDigit == true {
      length += 1 + sign
      digits()
    }
    let text = String(source.characters[position..<position + length])
    let value = Double(text) ?? .nan
    let isZero = text.prefix { !"eE".contains($0) }.allSatisfy { "0.".contains($0) }
    guard value.isFinite, isZero || value != 0 else {
      throw source.error(
        at: position, "\(text) is beyond the numbers that are computed with, which go from 5e-324 to 1.8e308")
    }
    emit(.number(value), length: length)
  }

  /// The characters ahead that the table has, as they stand on the line.
  private func run(_ table: [Character: Character]) -> [Character]? {
    var result: [Character] = []
    while let next = character(result.count), let plain = table[next] { result.append(plain) }
    return result.isEmpty ? nil : result
  }

  /// `ₜ₋₁` as `_{t-1}`.
  private mutating func emitScript(_ symbol: Token.Symbol, _ characters: [Character]) {
    let start = position
    emit(.symbol(symbol), length: 0)
    emit(.symbol(.openBrace), length: 0)
    var digits = ""
    func endNumber() {
      if let number = Double(digits) { emit(.number(number), length: digits.count) }
      digits = ""
    }
    for character in characters {
      if character.isASCIIDigit {
        digits.append(character)
        continue
      }
      endNumber()
      emit(MathSpelling.symbols[character].map { .symbol($0) } ?? .name(String(character)))
    }
    endNumber()
    position = start + characters.count
    emit(.symbol(.closeBrace), length: 0)
  }

  // MARK: Commands of LaTeX

  private mutating func readCommand() throws(EquationError) {
    let start = position
    var length = 1
    while let next = character(length), next.isLetter { length += 1 }
    if length == 1 { length = 2 }
    guard position + length <= end else { throw source.error(at: start, "a command is cut off after \\") }
    let command = String(source.characters[position + 1..<position + length])
    if command == "\\" {
      emit(matrices > 0 ? .symbol(.semicolon) : .rowBreak, length: length)
      if character() == "[" { try skipArgument("[", "]") }
    } else if command == "[" || command == "]" {
      emit(.rowBreak, length: length)
    } else if let symbol = MathSpelling.symbolCommands[command] {
      depth += symbol.nesting
      emit(.symbol(symbol), length: length)
    } else if let letter = MathSpelling.greek[command] {
      emitName(letter, length)
    } else if command == "sum" || command == "partial" {
      emit(.name(command == "sum" ? "∑" : "∂"), length: length)
    } else if let accent = MathSpelling.accents[command] {
      emit(.accent(accent), length: length)
    } else if command == "sqrt", character(length) == "[" {
      throw source.error(at: position + length, "only square roots are read; write a power for another root")
    } else if NamedFunction(command) != nil {
      emit(.name(command), length: length)
    } else {
      switch command {
      case "frac", "dfrac", "tfrac": emit(.fraction, length: length)
      case "quad", "qquad":
        // Space between two equations in one line.
        if depth == 0 { emit(.symbol(.comma), length: length) } else { skip(length) }
      case "(", ")": skip(length)
      case "underbrace", "overbrace":
        skip(length)
        if let close = groupEnd() { labelled.insert(close) }
      case "begin" where argument(length)?.hasSuffix("matrix") == true || beginsMatrix(length):
        matrices += 1
        depth += 1
        let isArray = argument(length) == "array"
        if isArray { arrays.append(true) }
        emit(.symbol(.openBracket), length: length)
        try skipArgument("{", "}")
        if isArray { try skipArgument("{", "}") }
      case "end" where argument(length)?.hasSuffix("matrix") == true || argument(length) == "array" && endsMatrix():
        matrices -= 1
        depth -= 1
        emit(.symbol(.closeBracket), length: length)
        try skipArgument("{", "}")
      case "begin" where argument(length) == "cases" && !holdsEquations(length):
        throw source.error(at: start, "cases are not read; write one of them, or a gate between them")
      case "begin", "end", "label", "tag", "ref", "eqref", "cite", "vspace", "phantom", "vphantom":
        skip(length)
        try skipArgument("{", "}")
        while character() == "{" || character() == "[" {
          try skipArgument(character() == "{" ? "{" : "[", character() == "{" ? "}" : "]")
        }
      case "mathcal", "mathbb", "mathfrak", "mathscr":
        position += length
        if argument(0) == "1" { emit(.number(1), length: 3) } else { try readWord { "cal" + $0 } }
      case let word where MathSpelling.words.contains(word):
        position += length
        try readWord { $0 }
      case let font where MathSpelling.fonts.contains(font):
        skip(length)
        // `\left.` is a bracket that is not there.
        if font == "left" || font == "right", character() == "." { skip() }
      case let space where MathSpelling.spaces.contains(space): skip(length)
      case let unknown:
        throw source.error(at: start, "the command \\\(unknown) is not known; write the function or the letter by name")
      }
    }
  }

  /// The argument of a command that holds upright text: one word is a name; a phrase is skipped.
  private mutating func readWord(_ name: (String) -> String) throws(EquationError) {
    while character()?.isWhitespace == true { skip() }
    guard character() == "{" else { return }
    guard let close = source.characters[position..<end].firstIndex(of: "}") else {
      throw source.error(at: position, "this brace is never closed")
    }
    let whole = String(source.characters[position + 1..<close]).replacing("\\_", with: "")
    if whole.count < close - position - 1, whole.allSatisfy(\.isLetter) {
      return emit(.name(name(whole)), length: close + 1 - position)
    }
    // Upright mathematics, as \mathrm{W_h}, is read like any other, and words in parentheses are left out.
    let isRemark = source.characters[position + 1] == "(" && source.characters[close - 1] == ")"
    if source.characters[position + 1..<close].contains(where: { (isRemark ? "\\_^{[=" : "\\_^({[=").contains($0) }) {
      return
    }
    let words = String(source.characters[position + 1..<close]).split(whereSeparator: \.isWhitespace)
    let length = close + 1 - position
    let isAlone = words.count == 1 && words[0].allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    if words.count == 1, ["or", "OR"].contains(String(words[0])) { return emit(.symbol(.element), length: length) }
    let begins = words.first.map { ["if", "where", "and", "with", "for", "then"].contains(String($0)) } == true
    if isAlone, !begins {
      emit(.name(name(String(words[0]))), length: length)
    } else if begins, depth == 0 {
      // What follows these words is no factor of the equation.
      emit(.symbol(.comma), length: length)
    } else {
      skip(length)
    }
  }

  /// The place after the group in braces that begins here; nil if it is never closed.
  private func groupEnd() -> Int? {
    var depth = 0
    for place in position..<end {
      if source.characters[place] == "{" { depth += 1 }
      if source.characters[place] == "}" { depth -= 1 }
      if depth == 0 { return source.characters[place] == "}" ? place + 1 : nil }
    }
    return nil
  }

  /// Whether an array begins that holds no equations: a column.
  private mutating func beginsMatrix(_ length: Int) -> Bool {
    guard argument(length) == "array" else { return false }
    let rest = source.characters[(position + length)..<end]
    let close = rest.indices.first { rest[$0...].starts(with: "\\end{array}") } ?? end
    let isMatrix = !rest[..<close].contains("=")
    if !isMatrix { arrays.append(false) }
    return isMatrix
  }

  /// Whether cases are only a brace beside equations.
  private func holdsEquations(_ length: Int) -> Bool {
    let rest = source.characters[(position + length)..<end]
    let close = rest.indices.first { rest[$0...].starts(with: "\\end{cases}") } ?? end
    let inside = String(rest[..<close])
    return inside.contains("=")
      && !["if", "otherwise", "else", "<", ">", "\\neq", "\\ge", "\\le "].contains {
        inside.contains($0)
      }
  }

  private mutating func endsMatrix() -> Bool { arrays.popLast() ?? false }

  /// What stands in the braces of a command of this length.
  private func argument(_ length: Int) -> String? {
    guard character(length) == "{", let close = source.characters[position..<end].firstIndex(of: "}") else {
      return nil
    }
    return String(source.characters[(position + length + 1)..<close])
  }

  private mutating func skipArgument(_ open: Character, _ close: Character) throws(EquationError) {
    while character() == " " { skip() }
    guard character() == open else { return }
    guard let last = source.characters[position..<end].firstIndex(of: close) else {
      throw source.error(at: position, "this \(open) is never closed")
    }
    skip(last + 1 - position)
  }
}
