/// A piece of the text of equations, the same for LaTeX, Unicode and ASCII.
struct Token: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case number(Double)
    /// A name without its subscripts: `W`, `tanh`, `σ`, `Δt`.
    case name(String)
    /// A mark over the name or group that follows, as a combining character.
    case accent(Character)
    case symbol(Symbol)
    case fraction
    /// The end of a line of the text, which ends an equation unless it obviously goes on.
    case newline
    /// `\\`, which always ends one.
    case rowBreak
  }

  enum Symbol: Hashable, Sendable {
    case plus, minus
    /// `·`, `*`, `@`, `×`: papers use each for products of matrices, of numbers, and of vectors entry by entry.
    case dot
    /// `⊙`, `∘`: entry by entry.
    case hadamard
    case slash, caret, underscore, prime, transpose
    case openParenthesis, closeParenthesis, openBracket, closeBracket, openBrace, closeBrace
    case bar, doubleBar
    case comma, semicolon, colon, equals, tilde, period
    /// Between an index and its bound: `i < t`, `i ≤ t`.
    case less, lessOrEqual
    /// Between two values: `1[v_t > θ]`.
    case greater, greaterOrEqual
    /// `∈ ℝᵈ` and `…`: what follows is no part of an equation.
    case element, ellipsis
  }

  var kind: Kind
  /// The characters of the text that it was read from.
  var range: Range<Int>
  /// Whether white space stands before it.
  var isSpaced: Bool

  /// The token as the text has it.
  func text(in source: EquationText) -> String { String(source.characters[range]) }
}

extension Token.Symbol {
  /// How many brackets deeper the text is after the symbol.
  var nesting: Int {
    switch self {
    case .openParenthesis, .openBracket, .openBrace: 1
    case .closeParenthesis, .closeBracket, .closeBrace: -1
    case .plus, .minus, .dot, .hadamard, .slash, .caret, .underscore, .prime, .transpose, .bar, .doubleBar, .comma,
      .semicolon, .colon, .equals, .tilde, .period, .less, .lessOrEqual, .greater, .greaterOrEqual, .element, .ellipsis:
      0
    }
  }
}

extension Token.Symbol {
  /// The bracket that closes this one.
  var closer: Token.Symbol? {
    if self == .openParenthesis { return .closeParenthesis }
    if self == .openBracket { return .closeBracket }
    return self == .openBrace ? .closeBrace : nil
  }
}

extension Character {
  var isASCIIDigit: Bool { isASCII && isNumber }

  /// A letter on the line: an index is none.
  var isNameLetter: Bool {
    isLetter && MathSpelling.lowered[self] == nil && MathSpelling.raised[self] == nil && self != "ᵀ"
  }
}
