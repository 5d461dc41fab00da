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
