/// The letters that count steps: t, and each letter of which the text writes `k-1` or `k+1` as an index.
struct TimeLetters: Hashable, Sendable {
  private(set) var letters: Set<String> = ["t"]
  /// The letters that count the past of a step.
  private(set) var pasts: [String: PastIndex] = [:]
  /// Whether the text numbers names above the line, as in W¹ and W²: a first power means nothing.
  let numbersNames: Bool
  /// Whether the text writes the value of the step before as `h_prev`.
  let hasPrevious: Bool

  init(_ tokens: [Token]) {
    hasPrevious = tokens.contains {
      if case .name(let name) = $0.kind { Self.previous.contains(name) } else { false }
    }
    numbersNames = tokens.indices.dropLast().contains { index in
      guard tokens[index].kind == .symbol(.caret) else { return false }
      let next = tokens[(index + 1)...].first { $0.kind != .symbol(.openBrace) }
      return next?.kind == .number(1)
    }
    for index in tokens.indices.dropFirst().dropLast(3) {
      guard case .name(let letter) = tokens[index].kind, letter.count == 1,
        [.symbol(.plus), .symbol(.minus)].contains(tokens[index + 1].kind), case .number = tokens[index + 2].kind
      else { continue }
      let (before, after) = (tokens[index - 1].kind, tokens[index + 3].kind)
      let isScript =
        index >= 2 && [.symbol(.underscore), .symbol(.caret)].contains(tokens[index - 2].kind)
        && [.symbol(.openBrace), .symbol(.openParenthesis), .symbol(.openBracket)].contains(before)
      let isArgument = index >= 2 && before == .symbol(.openParenthesis) && tokens[index - 2].isName && letter == "t"
      let isInner =
        index >= 3 && [.symbol(.openParenthesis), .symbol(.openBracket)].contains(before)
        && [.symbol(.caret), .symbol(.underscore)].contains(tokens[index - 3].kind)
      if isScript || isArgument || isInner,
        [.symbol(.closeBrace), .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.comma)].contains(after)
      {
        letters.insert(letter)
      }
    }
  }

  /// The same with letters that count the past, which are none of the steps.
  func with(_ pasts: [String: PastIndex]) -> TimeLetters {
    var result = self
    result.pasts = pasts
    result.letters.subtract(pasts.keys)
    return result
  }

  /// The most steps between a value and one that reads it.
  static let longest = 99_999

  static let previous: Set = ["prev", "previous", "old"]
  static let next: Set = ["next", "new"]

  /// The steps after t that an index says: 0 for `t`, −1 for `t-1`; nil if it is no time.
  func step(_ index: [Token]) -> Int? {
    var tokens = index[...]
    let brackets = [(Token.Symbol.openParenthesis, Token.Symbol.closeParenthesis), (.openBracket, .closeBracket)]
    if brackets.contains(where: { tokens.first?.kind == .symbol($0) && tokens.last?.kind == .symbol($1) }) {
      tokens = tokens.dropFirst().dropLast()
    }
    let kinds = tokens.map(\.kind)
    guard case .name(let letter) = kinds.first, letters.contains(letter) else { return nil }
    var result = 0
    for place in stride(from: 1, to: kinds.count, by: 2) {
      guard place + 1 < kinds.count, case .number(let steps) = kinds[place + 1], let count = Int(exactly: steps),
        abs(count) <= Self.longest
      else { return nil }
      switch kinds[place] {
      case .symbol(.plus): result += count
      case .symbol(.minus): result -= count
      case .number, .name, .accent, .symbol, .fraction, .newline, .rowBreak: return nil
      }
    }
    return result
  }
}

extension Token {
  var isName: Bool { if case .name = kind { true } else { false } }
}
