/// `y ∈ {i, f, o}` beside an equation: it stands for one of each, with the letter replaced.
struct Template {
  var letter: Token
  var members: [[Token]]

  /// Whether the members are numbers, which a domain may mean as well.
  var isNumbered: Bool { members.allSatisfy { $0.count == 1 && $0[0].isNumber } }

  /// The equations for which one stands.
  func writtenOut(_ tokens: [Token], _ source: EquationText) -> [[Token]] {
    members.map { Self.replaced(letter, by: $0, in: tokens, source) }
  }

  /// Whether the letter is a part of a name on the left side.
  func isDefined(by tokens: [Token], _ source: EquationText) -> Bool {
    let left = Array(tokens.prefix { !$0.isRelation })
    let scripts = Self.scripts(left)
    return left.indices.contains {
      left[$0].kind == letter.kind ? !isNumbered || scripts[$0] : scripts[$0] && holds(left[$0], source)
    }
  }

  /// Whether the letter is a part of a name on the right side.
  func isRead(by tokens: [Token], _ source: EquationText) -> Bool {
    let right = Array(tokens.drop { !$0.isRelation })
    let scripts = Self.scripts(right)
    return right.indices.contains { scripts[$0] && (right[$0].kind == letter.kind || holds(right[$0], source)) }
  }

  private func holds(_ token: Token, _ source: EquationText) -> Bool {
    Self.place(of: letter, in: token, source) != nil
  }

  /// The tokens with other ones in place of a letter. Within an index the letter may be one of a run, as in `W_{xy}`.
  static func replaced(
    _ letter: Token, by member: [Token], in tokens: [Token], _ source: EquationText
  ) -> [Token] {
    let scripts = scripts(tokens)
    return tokens.indices.flatMap { index in
      let token = tokens[index]
      if token.kind == letter.kind {
        return member.enumerated().map { place, part in
          Token(kind: part.kind, range: token.range, isSpaced: place == 0 && token.isSpaced)
        }
      }
      guard scripts[index], member.count == 1, let place = place(of: letter, in: token, source),
        case .name(var word) = token.kind
      else { return [token] }
      word.replaceSubrange(place...place, with: member[0].word(in: source))
      return [Token(kind: .name(word), range: token.range, isSpaced: token.isSpaced)]
    }
  }

  /// Where the letter is in a short run of letters of ASCII; a word of LaTeX is no run.
  private static func place(of letter: Token, in token: Token, _ source: EquationText) -> String.Index? {
    guard case .name(let name) = letter.kind, name.count == 1, case .name(let word) = token.kind,
      (2...3).contains(word.count), token.text(in: source) == word
    else { return nil }
    return name.first.flatMap { word.firstIndex(of: $0) }
  }

  /// Which tokens are in an index.
  private static func scripts(_ tokens: [Token]) -> [Bool] {
    var open: [Bool] = []
    return tokens.indices.map { index in
      let followsMark = index > 0 && tokens[index - 1].isScriptMark
      let isInside = open.last == true || followsMark
      if case .symbol(let symbol) = tokens[index].kind {
        if symbol.nesting > 0 { open.append(isInside) }
        if symbol.nesting < 0 { _ = open.popLast() }
      }
      return isInside
    }
  }
}

extension Token {
  /// _ or ^
  var isScriptMark: Bool { [.symbol(.underscore), .symbol(.caret)].contains(kind) }
  var isNumber: Bool { if case .number = kind { true } else { false } }

  /// The token in an index as part of a name.
  func word(in source: EquationText) -> String {
    switch kind {
    case .name(let name): name
    case .number(let value): Int(exactly: value).map { "\($0)" } ?? text(in: source)
    case .symbol(.dot), .symbol(.hadamard): "*"
    case .symbol(.underscore), .symbol(.caret), .symbol(.openBrace), .symbol(.closeBrace), .symbol(.openParenthesis),
      .symbol(.closeParenthesis):
      ""
    case .accent, .symbol, .fraction, .newline, .rowBreak: text(in: source)
    }
  }
}
