/// Cuts tokens into equations.
///
/// Outside of brackets a line, `\\`, a comma and a semicolon each end a piece. A piece goes on with the one before it if
/// that has no relation (=, ~, :) yet or stops at an operator, or if the piece begins with an operator or has no relation
/// itself. So an equation may be broken anywhere, and several may share a line. Templates are written out.
struct StatementSplitter {
  private let source: EquationText
  private let times: TimeLetters
  private let tokens: [Token]
  private var position = 0
  private var depth = 0
  private var piece: [Token] = []
  /// Names between commas: `W, U ∈ ℝ` is about them, otherwise they go on with the equation.
  private var names: [[Token]] = []
  private var result: [[Token]] = []
  /// What was left out.
  private var notes: [String] = []
  /// A template before its equations, and the first of them: `for y in i, f, o:`.
  private var leading: (template: Template, start: Int)?

  static func statements(
    _ tokens: [Token], _ times: TimeLetters, _ source: EquationText
  ) throws(EquationError) -> (statements: [[Token]], notes: [String]) {
    var splitter = StatementSplitter(tokens, times, source)
    try splitter.split()
    return (splitter.result, splitter.notes)
  }

  private init(_ tokens: [Token], _ times: TimeLetters, _ source: EquationText) {
    (self.tokens, self.times, self.source) = (Self.withoutOuterBraces(tokens), times, source)
  }

  private mutating func split() throws(EquationError) {
    while position < tokens.count {
      let token = tokens[position]
      position += 1
      switch token.kind {
      case .newline, .rowBreak: if depth <= 0 { endPiece() }
      case .symbol(.element): try readClause()
      case .symbol(.ellipsis):
        while position < tokens.count, !tokens[position].endsLine { position += 1 }
      case .symbol(let symbol):
        depth += symbol.nesting
        if depth <= 0, [.comma, .semicolon, .period].contains(symbol) {
          endPiece(atComma: symbol == .comma)
        } else {
          piece.append(token)
        }
      case .number, .name, .accent, .fraction: piece.append(token)
      }
    }
    endPiece()
    endNames()
    try endTemplate()
  }

  private mutating func endPiece(atComma: Bool = false) {
    defer { piece = [] }
    leaveOutLabel()
    guard let first = piece.first, !isEquationNumber(piece) else { return }
    let isWaiting = result.last?.last?.goesOn == true
    if atComma, !isWaiting, !first.continues, !piece.contains(where: \.isRelation) {
      names.append(piece)
    } else {
      endNames()
      add(piece)
    }
  }

  private mutating func endNames() {
    for piece in names { add(piece) }
    names = []
  }

  private mutating func add(_ piece: [Token]) {
    guard let last = result.last, let end = last.last, let first = piece.first else {
      result.append(piece)
      return
    }
    let goesOn = !last.contains(where: \.isRelation) || end.goesOn || first.continues
    if goesOn || !piece.contains(where: \.isRelation) {
      result[result.count - 1] += piece
    } else {
      result.append(piece)
    }
  }

  /// Leaves out what stands before an equation to name it: `(1) h_t = …`, `Forget gate: f_t = …`.
  private mutating func leaveOutLabel() {
    if piece.count > 3, isEquationNumber(Array(piece.prefix(3))), piece[3].isName { piece.removeFirst(3) }
    guard let colon = piece.firstIndex(where: { $0.kind == .symbol(.colon) }),
      piece[..<colon].allSatisfy(\.isName), piece[colon...].contains(where: { $0.kind == .symbol(.equals) })
    else { return }
    piece.removeSubrange(...colon)
  }

  /// `(3)` or `(2.1a)` alone numbers an equation.
  private func isEquationNumber(_ piece: [Token]) -> Bool {
    guard piece.first?.kind == .symbol(.openParenthesis), piece.last?.kind == .symbol(.closeParenthesis) else {
      return false
    }
    return piece.count == 3 && piece[1].isNumber
  }

  // MARK: What stands beside equations

  /// What stands before and after ∈, or after ∀: a template, or else words about sizes, which are left out up to the
  /// next comma.
  private mutating func readClause() throws(EquationError) {
    let sign = tokens[position - 1].text(in: source)
    var letter: Token?
    if sign == "∀" || sign == "\\forall" {
      if position + 1 < tokens.count, tokens[position + 1].kind == .symbol(.element) {
        letter = tokens[position]
        position += 2
      }
    } else {
      // `(y ∈ {i, f, o})`
      let bracket = depth > 0 ? piece.lastIndex { $0.kind == .symbol(.openParenthesis) } : nil
      let start = bracket ?? piece.startIndex
      let subject = Array(piece[start...].dropFirst(bracket == nil ? 0 : 1))
      let isAlone = !subject.contains(where: \.isRelation)
      if isAlone {
        letter = subject.count == 1 ? subject[0] : nil
        piece.removeSubrange(start...)
        if bracket != nil { depth -= 1 }
      } else if subject.dropLast().last?.isScriptMark != true, subject.last?.isName == true {
        letter = subject.last
      }
      if let template = template(letter, isBare: sign == "in") {
        if !isAlone { piece.removeLast() }
        return try add(template, isAlone && bracket != nil)
      }
      if isAlone, bracket == nil { names = [] }
      return skip(isAlone && bracket != nil)
    }
    if let template = template(letter, isBare: false) { try add(template, false) } else { skip(false) }
  }

  private mutating func add(_ template: Template, _ isBracketed: Bool) throws(EquationError) {
    endPiece()
    endNames()
    if position < tokens.count, tokens[position].kind == .symbol(.colon) {
      position += 1
      try endTemplate()
      leading = (template, result.count)
      return
    }
    if isBracketed, position < tokens.count, tokens[position].kind == .symbol(.closeParenthesis) { position += 1 }
    var start = result.count
    while start > 0, template.isDefined(by: result[start - 1], source) { start -= 1 }
    try writeOut(template, start..<result.count)
  }

  private mutating func endTemplate() throws(EquationError) {
    guard let (template, start) = leading else { return }
    let count = result[start...].prefix { template.isDefined(by: $0, source) }.count
    leading = nil
    try writeOut(template, start..<start + count)
  }

  private mutating func writeOut(_ template: Template, _ range: Range<Int>) throws(EquationError) {
    if range.isEmpty {
      let letter = template.letter.text(in: source)
      guard template.isNumbered, !(result.last.map { template.isRead(by: $0, source) } ?? false) else {
        throw source.error(
          at: template.letter.range.lowerBound,
          "no equation beside this list defines a name with \(letter), which stands for its members; an equation of "
            + "each has it on its left side, as h_{\(letter),t}, and a sum over them is ∑_{\(letter)=1}^{2}")
      }
      notes.append("nothing has the index \(letter), and the list of its values is left out")
    }
    result.replaceSubrange(range, with: result[range].flatMap { template.writtenOut($0, source) })
  }

  /// The template of a list that begins here, which is passed; nil for any other set.
  private mutating func template(_ letter: Token?, isBare: Bool) -> Template? {
    guard let letter, position < tokens.count, times.step([letter]) == nil else { return nil }
    if isBare { return bareTemplate(letter) }
    guard tokens[position].kind == .symbol(.openBrace),
      let close = tokens[position...].firstIndex(where: { $0.kind == .symbol(.closeBrace) })
    else { return nil }
    let inside = tokens[position + 1..<close]
    let isPower = close + 1 < tokens.count && tokens[close + 1].isScriptMark
    let members = inside.split(omittingEmptySubsequences: false) { $0.kind == .symbol(.comma) }.map(Array.init)
    let isPlain = inside.allSatisfy { $0.isPartOfName || $0.isNumber || $0.kind == .symbol(.comma) }
    guard isPlain, !isPower, !members.contains(where: \.isEmpty) else { return nil }
    position = close + 1
    return Template(letter: letter, members: members)
  }

  /// i, f, o
  private mutating func bareTemplate(_ letter: Token) -> Template? {
    var members: [[Token]] = []
    while position < tokens.count, tokens[position].isName || tokens[position].isNumber {
      let following = position + 1 < tokens.count ? tokens[position + 1] : nil
      // What an equation begins with is no member.
      if following?.isRelation == true && following?.kind != .symbol(.colon) || following?.isScriptMark == true {
        break
      }
      members.append([tokens[position]])
      position += 1
      guard position + 1 < tokens.count, tokens[position].kind == .symbol(.comma) else { break }
      position += 1
    }
    return members.isEmpty ? nil : Template(letter: letter, members: members)
  }

  /// Leaves out what follows up to the next comma or the end of the line, or up to the parenthesis that closes.
  private mutating func skip(_ isBracketed: Bool) {
    var nesting = 0
    while position < tokens.count {
      let token = tokens[position]
      if case .symbol(let symbol) = token.kind {
        if nesting + symbol.nesting < 0 {
          if isBracketed { position += 1 }
          return
        }
        nesting += symbol.nesting
        if nesting == 0, !isBracketed, symbol == .comma || symbol == .semicolon { return }
      }
      if token.endsLine { return }
      position += 1
    }
  }

  /// Leaves out braces around whole equations, as in `{\displaystyle {…}}`, and one that is never closed before them.
  private static func withoutOuterBraces(_ tokens: [Token]) -> [Token] {
    var open: [(place: Int, isOuter: Bool)] = []
    var outer: Set<Int> = []
    for (place, token) in tokens.enumerated() {
      if token.isRelation || token.kind == .rowBreak, open.allSatisfy(\.isOuter) { outer.formUnion(open.map(\.place)) }
      guard case .symbol(let symbol) = token.kind else { continue }
      if symbol.nesting > 0 {
        let before = place > 0 ? tokens[place - 1] : nil
        let isPart = before?.isScriptMark == true || before?.goesOn == true || before?.isRelation == true
        open.append((place, symbol == .openBrace && !isPart))
      } else if symbol.nesting < 0, let last = open.popLast(), outer.contains(last.place) {
        outer.insert(place)
      }
    }
    return tokens.indices.filter { !outer.contains($0) }.map { tokens[$0] }
  }
}

extension Token {
  /// =, ~ or :
  var isRelation: Bool { [.symbol(.equals), .symbol(.tilde), .symbol(.colon)].contains(kind) }

  var endsLine: Bool { kind == .newline || kind == .rowBreak }

  /// Whether names and their indices are made of it.
  var isPartOfName: Bool {
    switch kind {
    case .name, .accent: true
    case .symbol(let symbol): [.underscore, .caret, .openBrace, .closeBrace, .prime].contains(symbol)
    case .number, .fraction, .newline, .rowBreak: false
    }
  }

  /// Whether an equation cannot end with it.
  var goesOn: Bool {
    switch kind {
    case .symbol(let symbol):
      [.plus, .minus, .dot, .hadamard, .slash, .equals, .tilde, .colon, .caret, .underscore].contains(symbol)
    case .number, .name, .newline, .rowBreak: false
    case .accent, .fraction: true
    }
  }

  /// Whether an equation cannot begin with it.
  var continues: Bool {
    guard case .symbol(let symbol) = kind else { return false }
    return [
      .plus, .minus, .dot, .hadamard, .slash, .equals, .closeParenthesis, .closeBracket, .closeBrace,
    ].contains(symbol)
  }
}
