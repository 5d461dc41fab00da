extension Parser {
  /// A name with its marks, indices and primes; nil if the next token begins none.
  mutating func reference() throws(EquationError) -> Reference? {
    guard let token = next else { return nil }
    if let derivative = try derivative() { return derivative }
    var result: Reference
    switch token.kind {
    case .accent(let mark):
      position += 1
      let isGroup = accept(.openBrace)
      guard var inner = try reference() else { throw unexpected("the letter below the mark") }
      if isGroup, !accept(.closeBrace) { throw unexpected("} after the letter below the mark") }
      inner.name.base.append(mark)
      result = inner
    case .name(let base):
      position += 1
      result = Reference(name: Name(base: base))
    case .symbol(.openBrace):
      // {h}_t
      let start = position
      position += 1
      guard let inner = try? reference(), accept(.closeBrace) else {
        position = start
        return nil
      }
      result = inner
    case .number, .symbol, .fraction, .newline, .rowBreak: return nil
    }
    while try readScript(of: &result) {}
    if let past = result.past, result.step == nil {
      result.step = past.step
    } else {
      result.isPair = result.past != nil
    }
    return result
  }

  /// A derivative of the loss: `∂L/∂h_t`, `dL/dW`, as a quotient or a fraction; nil if none begins here.
  private mutating func derivative() throws(EquationError) -> Reference? {
    let (start, before) = (position, tokens)
    guard let mark = numeratorOfDerivative() else { return nil }
    let isFraction = tokens[start].kind == .fraction
    if isFraction ? accept(.openBrace) : accept(.slash), case .name(let name) = next?.kind, name.hasPrefix(mark.sign) {
      if name == mark.sign {
        position += 1
      } else {
        tokens[position].kind = .name(String(name.dropFirst(mark.sign.count)))
      }
      if let variable = try reference(), !isFraction || accept(.closeBrace) {
        var result = variable
        result.name = mark(by: variable.name)
        return result
      }
    }
    (position, tokens) = (start, before)
    return nil
  }

  /// `\partial L` or `dL`, and what opens it.
  private mutating func numeratorOfDerivative() -> DerivativeMark? {
    let start = position
    let isFraction = next?.kind == .fraction
    if isFraction {
      position += 1
      _ = accept(.openBrace)
    }
    for mark in DerivativeMark.allCases {
      let kinds = tokens[position...].prefix(2).map(\.kind)
      let length = kinds.first == .name(mark.sign + "L") ? 1 : kinds == [.name(mark.sign), .name("L")] ? 2 : 0
      guard length > 0 else { continue }
      position += length
      if !isFraction || accept(.closeBrace) { return mark }
    }
    position = start
    return nil
  }

  /// Reads one index or prime that belongs to the name; false if there is none.
  private mutating func readScript(of result: inout Reference) throws(EquationError) -> Bool {
    guard let token = next else { return false }
    switch token.kind {
    case .symbol(.prime):
      position += 1
      result.primes += 1
    case .symbol(.underscore):
      position += 1
      let isBare = next?.kind != .symbol(.openBrace)
      try readIndices(try script(), of: &result, \.below)
      if isBare, let sign = next, sign.kind == .symbol(.minus), !sign.isSpaced, position + 1 < tokens.count,
        case .number = tokens[position + 1].kind, !tokens[position + 1].isSpaced
      {
        throw source.error(
          at: sign.range.lowerBound, "an index of several characters needs braces: write \(result.name.base)_{t-1}")
      }
    case .symbol(.caret):
      // Powers and transposes belong to the factor, not to the name.
      let start = position
      position += 1
      let index = try script()
      let isNumbered = times.numbersNames && result.name.isCapital && index.count == 1
      // e to some power.
      let isExponential =
        result.name == Name(base: "e") && result.step == nil && times.step(index) == nil
        && next?.kind != .symbol(.underscore)
      if isTranspose(index) || isPower(index) && !isNumbered || isExponential {
        position = start
        return false
      }
      try readIndices(index, of: &result, \.above)
    case .symbol(.openParenthesis), .symbol(.openBracket):
      // h(t-1)
      guard !token.isSpaced, NamedFunction(result.name.base) == nil,
        let close = tokens[position...].firstIndex(where: {
          $0.kind == .symbol(token.kind == .symbol(.openParenthesis) ? .closeParenthesis : .closeBracket)
        }), let step = try step(of: Array(tokens[(position + 1)..<close]))
      else { return false }
      result.step = step
      position = close + 1
    case .number, .name, .accent, .symbol, .fraction, .newline, .rowBreak: return false
    }
    return true
  }

  /// Indices between commas: one may be the time, the others belong to the name.
  private mutating func readIndices(
    _ tokens: [Token], of result: inout Reference, _ part: WritableKeyPath<Name, String>
  ) throws(EquationError) {
    for index in tokens.split(whereSeparator: { $0.kind == .symbol(.comma) }) {
      if let step = try step(of: Array(index)) {
        result.step = step
        result.isRaised = part == \.above
        continue
      }
      if let past = times.past(Array(index)) {
        result.past = past
        continue
      }
      if let past = times.pair(Array(index)) {
        (result.past, result.step) = (past, 0)
        continue
      }
      // \tilde{h}: the mark comes after its letter.
      var marks = ""
      var word = ""
      for token in index {
        if case .accent(let mark) = token.kind {
          marks.append(mark)
        } else {
          let piece = token.word(in: source)
          word += piece + (piece.isEmpty ? "" : marks)
          if !piece.isEmpty { marks = "" }
        }
      }
      if TimeLetters.previous.contains(word) {
        result.step = -1
      } else if TimeLetters.next.contains(word), times.hasPrevious {
        result.step = 0
      } else if TimeLetters.next.contains(word) {
        result.primes += 1
      } else {
        result.name[keyPath: part] += word
      }
    }
  }

  /// The tokens of an index, which are passed: what stands in braces or parentheses, or one token.
  mutating func script() throws(EquationError) -> [Token] {
    guard let first = next else { throw endError("the text ends where an index should stand") }
    let start = position
    switch first.kind {
    case .symbol(.openBrace), .symbol(.openParenthesis):
      var closers: [Token.Symbol] = []
      repeat {
        guard let token = next else { throw unclosed(first) }
        position += 1
        guard case .symbol(let symbol) = token.kind else { continue }
        if let closer = symbol.closer { closers.append(closer) }
        if symbol.nesting < 0, closers.popLast() != symbol { throw unclosed(first) }
      } while !closers.isEmpty
      let isBraced = first.kind == .symbol(.openBrace)
      lastScript = Array(tokens[start..<position][(start + (isBraced ? 1 : 0))..<(position - (isBraced ? 1 : 0))])
    case .symbol(.minus):
      position += 2
      guard position <= tokens.count else { throw endError("the text ends where an exponent should stand") }
      lastScript = Array(tokens[start..<position])
    case .number, .name, .accent, .symbol, .fraction, .newline, .rowBreak:
      position += 1
      lastScript = [first]
    }
    if lastScript.isEmpty { throw source.error(at: first.range.lowerBound, "an index cannot be empty") }
    return lastScript
  }

  func isTranspose(_ index: [Token]) -> Bool {
    guard index.count == 1 else { return false }
    return index[0].kind == .symbol(.transpose) || index[0].kind == .name("T") || index[0].kind == .name("⊤")
  }

  /// Whether what stands above the line is an exponent: anything with a number or an operator that is not time and not
  /// in parentheses, as a layer's number is.
  private func isPower(_ index: [Token]) -> Bool {
    if times.step(index) != nil || index.first?.kind == .symbol(.openParenthesis) { return false }
    if index.first?.kind == .symbol(.hadamard) { return true }
    return index.contains {
      switch $0.kind {
      case .number, .fraction, .symbol(.plus), .symbol(.minus), .symbol(.slash): true
      case .name, .accent, .symbol, .newline, .rowBreak: false
      }
    } && !index.contains { $0.kind == .symbol(.comma) }
  }
}
