extension Parser {
  /// A sum, or two with > or ≥ between them.
  mutating func comparison() throws(EquationError) -> Expression {
    let start = place
    let left = try sum()
    for (sign, function) in [(Token.Symbol.greater, NamedFunction.greater), (.greaterOrEqual, .greaterOrEqual)]
    where accept(sign) {
      let right = try sum()
      return Expression(
        kind: .call(Reference(name: Name(base: function.rawValue)), [left, right]), range: range(from: start))
    }
    return left
  }

  /// What a dividend, which stands before the slash that is next, is divided by.
  ///
  ///     1/2 x, Δt/6 (a + b)     a number below a slash ends the quotient, which is a factor of what follows
  ///     a / b c                 is (a / b) c to some and a / (b c) to others
  mutating func quotient(of dividend: Expression, from start: Int) throws(EquationError) -> Expression {
    let slash = tokens[position]
    position += 1
    let first = next
    guard let divisor = try factor() else { throw unexpected("a name, a number or a bracket") }
    let quotient = Expression(kind: .quotient(dividend, divisor), range: range(from: start))
    let following = next
    guard let following, let second = try factor() else { return quotient }
    let isTight = !slash.isSpaced && first?.isSpaced != true
    let isApart = following.isSpaced || [.symbol(.openParenthesis), .symbol(.openBracket)].contains(following.kind)
    guard case .number = divisor.kind, isApart, isTight || dividend.number != nil else {
      throw source.unclearQuotient(at: slash.range.lowerBound, dividend, divisor, second)
    }
    return try row([quotient, second], from: start)
  }

  /// The steps after t that an index says, also with a letter to which the text gives a number; nil if it is no time.
  func step(of index: [Token]) throws(EquationError) -> Int? {
    let numbers = index.enumerated().map { place, token in
      guard place > 0, case .name(let name) = token.kind, let value = known[name] else { return token }
      return Token(kind: .number(value), range: token.range, isSpaced: token.isSpaced)
    }
    if let step = times.step(numbers) { return step }
    var inner = numbers[...]
    if inner.first?.kind == .symbol(.openParenthesis), inner.count > 2 { inner = inner.dropFirst().dropLast() }
    let kinds = inner.map(\.kind)
    guard kinds.count > 2, case .name(let letter) = kinds[0], times.letters.contains(letter),
      [.symbol(.plus), .symbol(.minus)].contains(kinds[1])
    else { return nil }
    let count = inner[inner.startIndex + 2]
    let text = count.text(in: source)
    throw source.error(
      at: count.range.lowerBound,
      count.isNumber
        ? "a value is read a whole number of steps before its own, at most \(TimeLetters.longest), and not \(text)"
        : "how many steps \(text) is, is not given: --let '\(text) = 3'")
  }

  // MARK: Entries

  /// The range of entries below a bracket: `[v]_{1:3}`; nil if there is none.
  mutating func entries(of vector: Expression, from start: Int) throws(EquationError) -> Expression? {
    guard next?.kind == .symbol(.underscore) else { return nil }
    let before = position
    position += 1
    let bounds = try script().map(\.kind)
    guard bounds.count == 3, case .number(let first) = bounds[0], bounds[1] == .symbol(.colon),
      case .number(let last) = bounds[2]
    else {
      position = before
      return nil
    }
    let numbers = [first, last].map { Expression(kind: .number($0), range: range(from: start)) }
    return Expression(
      kind: .call(Reference(name: Name(base: NamedFunction.range.rawValue)), [vector] + numbers),
      range: range(from: start))
  }

  /// `[W x]_j`, an entry of what stands in brackets.
  mutating func entry(of inner: Expression, from start: Int) throws(EquationError) -> Expression {
    guard next?.kind == .symbol(.underscore), position + 1 < tokens.count else { return inner }
    let index = tokens[position + 1]
    // [a]_+ is what is positive of a.
    let marked = tokens[(position + 1)...].prefix(3).map(\.kind)
    if marked.first == .symbol(.plus) || marked == [.symbol(.openBrace), .symbol(.plus), .symbol(.closeBrace)] {
      position += marked.first == .symbol(.plus) ? 2 : 4
      let positive = Reference(name: Name(base: NamedFunction.relu.rawValue))
      return Expression(kind: .call(positive, [inner]), range: range(from: start))
    }
    guard case .name(let letter) = index.kind, letter.count == 1, times.step([index]) == nil else { return inner }
    position += 2
    return Expression(
      kind: .call(Reference(name: Name(base: "[]", below: letter)), [inner]), range: range(from: start))
  }
}

extension EquationText {
  /// The error of a quotient that some read as a / (b c) and others as (a / b) c.
  func unclearQuotient(
    at place: Int, _ dividend: Expression, _ divisor: Expression, _ following: Expression
  ) -> EquationError {
    func text(_ part: Expression) -> String {
      let text = String(characters[part.range])
      return part.isSum && !text.hasPrefix("(") ? "(\(text))" : text
    }
    let (a, b, c) = (text(dividend), text(divisor), text(following))
    return error(
      at: place, "what is divided is not clear: write \(a) / (\(b) \(c)), or (\(a) / \(b)) \(c)")
  }
}

extension Expression {
  /// 1 where a comparison holds, else 0, with a surrogate gradient; nil for anything else.
  var indicator: Expression? {
    guard case .call(let function, let sides) = kind, sides.count == 2 else { return nil }
    func made(_ kind: Kind) -> Expression { Expression(kind: kind, range: range) }
    func spike(_ a: Expression, _ b: Expression) -> Expression {
      made(.call(Reference(name: Name(base: NamedFunction.spike.rawValue)), [made(.difference(a, b))]))
    }
    if function.name.base == NamedFunction.greater.rawValue { return spike(sides[0], sides[1]) }
    if function.name.base == NamedFunction.less.rawValue { return spike(sides[1], sides[0]) }
    // A spike is 0 at its threshold.
    let isReached = function.name.base == NamedFunction.greaterOrEqual.rawValue
    guard isReached || function.name.base == NamedFunction.lessOrEqual.rawValue else { return nil }
    return made(.difference(made(.number(1)), isReached ? spike(sides[1], sides[0]) : spike(sides[0], sides[1])))
  }

  /// A power of each entry, also of a matrix.
  static func entryPower(_ base: Expression, _ exponent: Expression, _ range: Range<Int> = 0..<0) -> Expression {
    Expression(
      kind: .call(Reference(name: Name(base: NamedFunction.entryPower.rawValue)), [base, exponent]), range: range)
  }
}
