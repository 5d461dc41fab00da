/// Reads equations by one grammar:
///
///     statement  = name "=" sum { "=" sum } | name "~" start | name ":" declaration
///     value      = sum [ ( ">" | "≥" ) sum ]
///     sum        = [ "-" ] term { ( "+" | "-" ) term }
///     term       = dotted { "⊙" dotted }
///     dotted     = row { "·" row | "/" factor | "/" number row }
///     row        = factor { factor }
///     factor     = primary { "^" … | "ᵀ" }
///     primary    = number | reference | function argument | "(" value ")" | "[" value { "," value } "]" | "|" sum "|"
///                | "‖" sum "‖" | \frac{…}{…} | ∑_{…}^{…} term | softmax_{…} argument
///
/// A function before parentheses is called with what is in them; before anything else, with the row that follows.
struct Parser {
  let source: EquationText
  let times: TimeLetters
  var tokens: [Token]
  var position = 0
  /// The numbers that the text gives by name, for the bounds of sums.
  let known: [String: Double]
  /// How many terms the sums that are open have together.
  var summedTerms = 1

  init(_ source: EquationText, _ tokens: [Token], _ times: TimeLetters, known: [String: Double] = [:]) {
    self.source = source
    self.tokens = tokens
    self.times = times
    self.known = known
  }

  // MARK: Statements

  mutating func statement() throws(EquationError) -> Statement {
    let range = (tokens.first?.range.lowerBound ?? 0)..<(tokens.last?.range.upperBound ?? 0)
    let column = try column()
    var left = column.first
    if left == nil { left = try reference() }
    guard let left else { throw unexpected("the name that the equation defines") }
    guard let relation = next else { throw endError("an equation needs = and a right side") }
    position += 1
    // What is no expression is read as words.
    let rest = String(source.characters[min(place, range.upperBound)..<range.upperBound]).withoutBraces
    switch relation.kind {
    case .symbol(.equals):
      var sides = [try comparison()]
      while accept(.equals) { sides.append(try comparison()) }
      if next != nil { throw unexpected("an operator, or the end of the equation") }
      return Statement(left: left, column: column, kind: .equation(sides), range: range)
    case .symbol(.tilde):
      return Statement(left: left, kind: .start(text: rest), range: range)
    case .symbol(.colon):
      return Statement(left: left, kind: .declaration(text: rest), range: range)
    case .number, .name, .accent, .symbol, .fraction, .newline, .rowBreak:
      position -= 1
      throw unexpected("= after the name on the left side; an equation defines one name")
    }
  }

  /// The names of a column that one equation defines: `[i_t; f_t; o_t]`.
  private mutating func column() throws(EquationError) -> [Reference] {
    var open: [Token] = []
    while let token = next, [.symbol(.openBracket), .symbol(.openParenthesis)].contains(token.kind) {
      open.append(token)
      position += 1
    }
    if open.isEmpty { return [] }
    var names: [Reference] = []
    repeat {
      guard let name = try reference() else { throw unexpected("a name that the equation defines") }
      names.append(name)
    } while accept(.comma) || accept(.semicolon)
    for bracket in open.reversed() {
      let isClosed = bracket.kind == .symbol(.openBracket) ? accept(.closeBracket) : accept(.closeParenthesis)
      if !isClosed {
        let what = "a comma, or the bracket that closes \(bracket.text(in: source))"
        throw next == nil ? unclosed(bracket) : unexpected(what)
      }
    }
    return names
  }

  // MARK: Sums and products

  mutating func sum() throws(EquationError) -> Expression {
    let start = place
    var result: Expression
    if accept(.minus) {
      result = Expression(kind: .negative(try term()), range: range(from: start))
    } else {
      _ = accept(.plus)
      result = try term()
    }
    while true {
      if accept(.plus) {
        result = Expression(kind: .sum(result, try term()), range: range(from: start))
      } else if accept(.minus) {
        result = Expression(kind: .difference(result, try term()), range: range(from: start))
      } else {
        return result
      }
    }
  }

  mutating func term() throws(EquationError) -> Expression {
    let start = place
    var factors = [try dotted()]
    while accept(.hadamard) { factors.append(try dotted()) }
    return product(factors, .hadamard, from: start)
  }

  private mutating func dotted() throws(EquationError) -> Expression {
    let start = place
    var factors = [try row()]
    while true {
      if accept(.dot) {
        factors.append(try row())
      } else if next?.kind == .symbol(.slash) {
        factors = [try quotient(of: product(factors, .dot, from: start), from: start)]
      } else {
        return product(factors, .dot, from: start)
      }
    }
  }

  private mutating func row() throws(EquationError) -> Expression { try row([], from: place) }

  /// The rest of a row that begins with these factors.
  mutating func row(_ first: [Expression], from start: Int) throws(EquationError) -> Expression {
    var factors = first
    while let factor = try factor() {
      // 1[a > b] is 1 where that holds, else 0.
      if case .number(1) = factors.last?.kind, let indicator = factor.indicator {
        factors[factors.count - 1] = indicator
      } else {
        factors.append(factor)
      }
    }
    if factors.isEmpty { throw unexpected("a name, a number or a bracket") }
    return product(factors, .juxtaposed, from: start)
  }

  func product(
    _ factors: [Expression], _ sign: Expression.Multiplication, from start: Int
  ) -> Expression {
    factors.count == 1 ? factors[0] : Expression(kind: .product(factors, sign), range: range(from: start))
  }

  // MARK: Factors

  /// The next factor of a row; nil if the row ends here.
  mutating func factor() throws(EquationError) -> Expression? {
    let start = place
    guard var result = try primary() else { return nil }
    while true {
      if accept(.transpose) {
        result = Expression(kind: .transpose(result), range: range(from: start))
      } else if next?.kind == .symbol(.caret) {
        position += 1
        let script = try script()
        if isTranspose(script) {
          result = Expression(kind: .transpose(result), range: range(from: start))
        } else if script.first?.kind == .symbol(.minus), isTranspose(Array(script.dropFirst())) {
          // A^{-T}
          let minus = Expression(kind: .number(-1), range: range(from: start))
          result = Expression(
            kind: .transpose(Expression(kind: .power(result, minus), range: range(from: start))),
            range: range(from: start))
        } else if script.first?.kind == .symbol(.hadamard) {
          // A^{⊙2}: of the entries of a matrix.
          result = .entryPower(result, try exponent(Array(script.dropFirst())), range(from: start))
        } else {
          result = Expression(kind: .power(result, try exponent(lastScript)), range: range(from: start))
        }
      } else {
        return result
      }
    }
  }

  /// An exponent as an expression.
  private mutating func exponent(_ script: [Token]) throws(EquationError) -> Expression {
    var inner = Parser(source, script, times, known: known)
    let result = try inner.sum()
    if inner.next != nil { throw inner.unexpected("the end of the exponent") }
    return result
  }

  private mutating func primary() throws(EquationError) -> Expression? {
    let start = place
    guard let token = next else { return nil }
    switch token.kind {
    case .number(let value):
      position += 1
      return Expression(kind: .number(value), range: token.range)
    case .name where beginsSum: return try indexedSum()
    case .name, .accent: return try named()
    case .fraction:
      if let derivative = try reference() { return Expression(kind: .reference(derivative), range: range(from: start)) }
      position += 1
      let (above, below) = (try group(), try group())
      return Expression(kind: .quotient(above, below), range: range(from: start))
    case .symbol(.openParenthesis): return try entry(of: bracketed(.closeParenthesis), from: start)
    case .symbol(.openBrace):
      if let name = try named() { return name }
      return try bracketed(.closeBrace)
    case .symbol(.openBracket):
      position += 1
      let parts = try list(until: .closeBracket, opened: token)
      if parts.count > 1 { return Expression(kind: .join(parts), range: range(from: start)) }
      if let range = try entries(of: parts[0], from: start) { return range }
      return try entry(of: parts[0], from: start)
    case .symbol(.bar), .symbol(.doubleBar):
      if isInside(token.kind) || barsJoin && token.kind == .symbol(.doubleBar) { return nil }
      position += 1
      openBars.append(token.kind)
      let inner = try sum()
      guard next?.kind == token.kind else { throw unclosed(token) }
      position += 1
      openBars.removeLast()
      if token.kind == .symbol(.doubleBar), next?.kind == .symbol(.underscore), let mark = next {
        position += 1
        if try script().map(\.kind) != [.number(2)] {
          throw source.error(at: mark.range.lowerBound, "only the Euclidean norm is read, as ‖a‖ or ‖a‖_2")
        }
      }
      return Expression(
        kind: token.kind == .symbol(.bar) ? .magnitude(inner) : .length(inner), range: range(from: start))
    case .symbol, .newline, .rowBreak: return nil
    }
  }

  /// The bars that are open, the innermost last: the same bar closes them.
  private var openBars: [Token.Kind] = []
  private var barsJoin = false
  private func isInside(_ bar: Token.Kind) -> Bool { openBars.last == bar }

  /// A name, or a function with its arguments.
  private mutating func named() throws(EquationError) -> Expression? {
    let start = place
    if let softmax = try softmaxOverPast() { return softmax }
    guard let reference = try reference() else { return nil }
    let isFunction = NamedFunction(reference.name.base) != nil || reference.name.base == "σ"
    if let token = next, token.kind == .symbol(.openParenthesis) {
      position += 1
      let arguments = try list(until: .closeParenthesis, opened: token)
      return Expression(kind: .call(reference, arguments), range: range(from: start))
    }
    if isFunction, let open = next {
      if open.kind == .symbol(.openBrace), NamedFunction(reference.name.base)?.arity == 2 {
        position += 1
        let arguments = try list(until: .closeBrace, opened: open)
        return Expression(kind: .call(reference, arguments), range: range(from: start))
      }
      // tanh²(a)
      if open.kind == .symbol(.caret) {
        position += 1
        let power = try script()
        if power.count == 1, power[0].isNumber, let argument = try factor() {
          let value = Expression(kind: .call(reference, [argument]), range: range(from: start))
          return .entryPower(value, try exponent(power), range(from: start))
        }
        throw source.error(at: open.range.lowerBound, "a function has a number as its power, and an argument")
      }
      if open.kind == .symbol(.openBracket) || open.kind == .symbol(.openBrace), let argument = try factor() {
        return Expression(kind: .call(reference, [argument]), range: range(from: start))
      }
      if begins(open) {
        // tanh W h: the row that follows.
        return Expression(kind: .call(reference, [try row()]), range: range(from: start))
      }
    }
    return Expression(kind: .reference(reference), range: range(from: start))
  }

  /// `softmax_{i<t}(a_{t,i})`; nil if there is none.
  private mutating func softmaxOverPast() throws(EquationError) -> Expression? {
    let (start, before) = (place, position)
    guard next?.kind == .name("softmax"), tokens.dropFirst(position + 1).first?.isScriptMark == true else { return nil }
    position += 1
    let (below, above) = try bounds()
    guard let past = try past(below, above), let open = next, begins(open) || open.kind == .symbol(.openParenthesis)
    else {
      position = before
      return nil
    }
    let isBracketed = [.symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace)].contains(open.kind)
    let argument = isBracketed ? try factor() : try row()
    guard let argument else { throw unexpected("what the softmax is taken of") }
    return Self.overPast(.softmaxOverPast, past, argument, range(from: start))
  }

  private func begins(_ token: Token) -> Bool {
    switch token.kind {
    case .number, .name, .accent, .fraction: true
    case .symbol(let symbol): [.openBracket, .openBrace, .bar, .doubleBar].contains(symbol) && !isInside(token.kind)
    case .newline, .rowBreak: false
    }
  }

  /// (…) or {…}
  private mutating func bracketed(_ close: Token.Symbol) throws(EquationError) -> Expression {
    let open = tokens[position]
    position += 1
    let (bars, joins) = (openBars, barsJoin)
    (openBars, barsJoin) = ([], false)
    let inner = try comparison()
    (openBars, barsJoin) = (bars, joins)
    if !accept(close) {
      if next == nil { throw unclosed(open) }
      throw unexpected("an operator, or the bracket that closes \(open.text(in: source))")
    }
    // What looks like a call may turn out to be a product, whose brackets then count: (a (b + c))².
    if case .call(let function, _) = inner.kind, NamedFunction(function.name.base) == nil {
      return Expression(kind: .product([inner], .juxtaposed), range: inner.range)
    }
    return inner
  }

  /// What stands in braces, or the one factor that stands there without.
  private mutating func group() throws(EquationError) -> Expression {
    guard next?.kind == .symbol(.openBrace) else {
      guard let single = try primary() else { throw unexpected("{…}: a fraction is \\frac{a}{b}") }
      return single
    }
    return try bracketed(.closeBrace)
  }

  private mutating func list(until close: Token.Symbol, opened open: Token) throws(EquationError) -> [Expression] {
    let (bars, joins) = (openBars, barsJoin)
    openBars = []
    // In brackets ‖ joins vectors, as a comma does.
    barsJoin = close == .closeBracket
    defer { (openBars, barsJoin) = (bars, joins) }
    var parts = [try comparison()]
    while accept(.comma) || accept(.semicolon) || barsJoin && accept(.doubleBar) { parts.append(try comparison()) }
    if !accept(close) {
      if next == nil { throw unclosed(open) }
      throw unexpected("an operator, a comma, or the bracket that closes \(open.text(in: source))")
    }
    return parts
  }

  // MARK: Tokens

  var lastScript: [Token] = []

  var next: Token? { position < tokens.count ? tokens[position] : nil }

  /// Where the next token begins.
  var place: Int { next?.range.lowerBound ?? tokens.last?.range.upperBound ?? 0 }

  func range(from start: Int) -> Range<Int> {
    start..<max(start, position > 0 ? tokens[position - 1].range.upperBound : start)
  }

  mutating func accept(_ symbol: Token.Symbol) -> Bool {
    guard next?.kind == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  func unexpected(_ wanted: String) -> EquationError {
    guard let token = next else { return endError("the text ends here; expected \(wanted)") }
    return source.error(at: token.range.lowerBound, "found \(token.text(in: source)); expected \(wanted)")
  }

  func endError(_ message: String) -> EquationError { source.error(at: place, message) }

  func unclosed(_ open: Token) -> EquationError {
    let text = open.text(in: source)
    let what = text == "<" ? "; it opens a product <a, b>, and a comparison is written with > or less(a, b)" : ""
    return source.error(at: open.range.lowerBound, "\(text) is never closed" + what)
  }
}

extension String {
  /// `{scalar}`, which was `\text{scalar}`, as `scalar`.
  fileprivate var withoutBraces: String {
    guard hasPrefix("{"), let close = firstIndex(of: "}") else { return self }
    return String(self[index(after: startIndex)..<close])
  }
}
