extension Parser {
  /// Whether a sum over an index begins here: `\sum_{k=1}^{K}`, `∑_j`, `sum_k`.
  var beginsSum: Bool {
    guard case .name(let word) = next?.kind else { return false }
    let following = position + 1 < tokens.count ? tokens[position + 1] : nil
    return word == "∑" || word == "sum" && following?.isScriptMark == true
  }

  /// A sum over an index: with bounds that are known its terms, otherwise a sum over entries, which `EntrySums` reads.
  mutating func indexedSum() throws(EquationError) -> Expression {
    let sign = tokens[position]
    let start = place
    position += 1
    let (below, above) = try bounds()
    if let past = try past(below, above) {
      return Self.overPast(.sumOverPast, past, try term(), range(from: start))
    }
    guard let letter = below.first, letter.isName, below.count == 1 || below[1].kind == .symbol(.equals) else {
      throw source.error(
        at: below.first?.range.lowerBound ?? sign.range.lowerBound,
        "a sum goes over one index, a letter of its own: ∑_{k=1}^{K} or ∑_j")
    }
    // ∑_t: over all steps, which only a gradient has.
    if times.step(below) == 0, above.isEmpty {
      return Expression(
        kind: .call(Reference(name: Name(base: NamedFunction.sumOverSteps.rawValue)), [try term()]),
        range: range(from: start))
    }
    if times.step([letter]) != nil || times.step(above) != nil {
      throw source.error(at: sign.range.lowerBound, NamedFunction.noSumOverSteps)
    }
    let body = position
    let bounds = try [Array(below.dropFirst(2)), above].map { part throws(EquationError) in try bound(part) }
    if let first = bounds[0], let last = bounds[1] { return try terms(letter, first, last, from: body, start) }
    if let delay = delayed(by: letter, in: tokens[body...]) {
      let last = above.first
      let way = last.map { "--let '\($0.text(in: source)) = 3'" } ?? "∑_{k=1}^{3}"
      throw source.error(
        at: (last ?? delay).range.lowerBound, "how many steps the sum reads is not given: \(way)")
    }
    let inner = try term()
    let sum = Reference(name: Name(base: "∑", below: letter.text(in: source)))
    return Expression(kind: .call(sum, [inner]), range: range(from: start))
  }

  /// What stands below and above a sign, which is passed.
  mutating func bounds() throws(EquationError) -> (below: [Token], above: [Token]) {
    var (below, above): ([Token], [Token]) = ([], [])
    while next?.isScriptMark == true {
      let isBelow = accept(.underscore)
      if !isBelow { position += 1 }
      let index = try script()
      if isBelow { below = index } else { above = index }
    }
    return (below, above)
  }

  /// The past over which a sign with these bounds goes; nil for any other.
  func past(_ below: [Token], _ above: [Token]) throws(EquationError) -> PastIndex? {
    if let past = try times.past(below, above, source) { return past }
    // ∑_i, where another sum says what i counts.
    guard below.count == 1, above.isEmpty, case .name(let letter) = below[0].kind else { return nil }
    return times.pasts[letter]
  }

  static func overPast(
    _ function: NamedFunction, _ past: PastIndex, _ body: Expression, _ range: Range<Int>
  ) -> Expression {
    Expression(kind: .call(Reference(name: Name(base: function.rawValue), past: past), [body]), range: range)
  }

  /// The terms one by one, with the index replaced by its number.
  private mutating func terms(
    _ letter: Token, _ first: Int, _ last: Int, from body: Int, _ start: Int
  ) throws(EquationError) -> Expression {
    guard first <= last else {
      throw source.error(at: start, "the sum has no terms: it goes from \(first) to \(last)")
    }
    let count = last - first + 1
    guard count <= 256, summedTerms * count <= 4096 else {
      throw source.error(at: start, "the sum has \(count) terms; at most 256 are written out")
    }
    let original = tokens
    summedTerms *= count
    var result: Expression?
    for number in first...last {
      let member = Token(kind: .number(Double(number)), range: letter.range, isSpaced: false)
      tokens = original[..<body] + Template.replaced(letter, by: [member], in: Array(original[body...]), source)
      position = body
      let next = try term()
      result = result.map { Expression(kind: .sum($0, next), range: range(from: start)) } ?? next
    }
    tokens = original
    summedTerms /= count
    guard let result else { throw unexpected("a term") }
    return result
  }

  /// A bound as a number: digits, or names that the text gives.
  private func bound(_ part: [Token]) throws(EquationError) -> Int? {
    let numbers = part.map { token in
      let value = if case .name(let name) = token.kind { known[name] } else { Double?.none }
      return Token(kind: value.map { .number($0) } ?? token.kind, range: token.range, isSpaced: token.isSpaced)
    }
    if numbers.isEmpty { return nil }
    var inner = Parser(source, numbers, times)
    guard let value = try? inner.sum(), inner.next == nil else { return nil }
    return value.number.flatMap { Int(exactly: $0) }
  }

  /// The letter where it counts steps, as in h_{t-k}.
  private func delayed(by letter: Token, in body: ArraySlice<Token>) -> Token? {
    let place = body.indices.dropLast(2).first {
      times.step([body[$0]]) != nil && body[$0 + 1].kind == .symbol(.minus) && body[$0 + 2].kind == letter.kind
    }
    return place.map { body[$0 + 2] }
  }
}
