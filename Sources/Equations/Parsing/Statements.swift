/// Cuts tokens into equations.
///
/// Outside of brackets a line, `\\`, a comma and a semicolon each end a piece. A piece goes on with the one before it if
/// that has no relation (=, ~, :) yet or stops at an operator, or if the piece begins with an operator or has no relation
/// itself. So an equation may be broken anywhere, and several may share a line.
enum StatementSplitter {
  static func statements(_ tokens: [Token]) -> [[Token]] {
    var result: [[Token]] = []
    for piece in pieces(tokens) where !piece.isEmpty && !isEquationNumber(piece) {
      guard let last = result.last, let end = last.last, let first = piece.first else {
        result.append(piece)
        continue
      }
      let goesOn = !last.contains(where: \.isRelation) || end.goesOn || first.continues
      if goesOn || !piece.contains(where: \.isRelation) {
        result[result.count - 1] += piece
      } else {
        result.append(piece)
      }
    }
    return result
  }

  private static func pieces(_ tokens: [Token]) -> [[Token]] {
    var result: [[Token]] = [[]]
    var depth = 0
    // What follows ∈ is left out to the next comma, what follows … to the end of the line.
    var leftOut: Token.Symbol?
    for token in tokens {
      switch token.kind {
      case .newline, .rowBreak:
        if depth <= 0 { result.append([]) }
        leftOut = nil
        continue
      case .symbol(.element), .symbol(.ellipsis):
        leftOut = token.kind == .symbol(.element) ? .element : .ellipsis
        continue
      case .symbol(let symbol):
        depth += symbol.nesting
        if depth <= 0, [.comma, .semicolon, .period].contains(symbol) {
          result.append([])
          if leftOut == .element { leftOut = nil }
          continue
        }
      case .number, .name, .accent, .fraction: break
      }
      if leftOut == nil { result[result.count - 1].append(token) }
    }
    return result
  }

  /// `(3)` or `(2.1a)` alone numbers an equation.
  private static func isEquationNumber(_ piece: [Token]) -> Bool {
    guard piece.first?.kind == .symbol(.openParenthesis), piece.last?.kind == .symbol(.closeParenthesis) else {
      return false
    }
    if piece.count == 3, case .number = piece[1].kind { return true }
    return false
  }
}

extension Token {
  /// =, ~ or :
  var isRelation: Bool { [.symbol(.equals), .symbol(.tilde), .symbol(.colon)].contains(kind) }

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
