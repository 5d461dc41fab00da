/// The small rules that the texts of graphs and plans share: symbols, words, names, numbers.
extension TextScanner {
  /// Reads this symbol.
  package mutating func symbol(_ expected: Unicode.Scalar) throws(ParseError) {
    guard token == .symbol(expected) else {
      throw error("expected \"\(expected)\", found \(found)")
    }
    try advance()
  }

  /// Reads this symbol if it comes next; returns whether it did.
  package mutating func hasSymbol(_ expected: Unicode.Scalar) throws(ParseError) -> Bool {
    guard token == .symbol(expected) else { return false }
    try advance()
    return true
  }

  /// Reads the end of the line and empty lines after it.
  package mutating func endLine() throws(ParseError) {
    guard token == .endOfLine || token == .endOfText else {
      throw error("expected the end of the line, found \(found)")
    }
    try skipEmptyLines()
  }

  package mutating func skipEmptyLines() throws(ParseError) {
    while token == .endOfLine { try advance() }
  }

  /// Reads these words.
  package mutating func words(_ expected: String...) throws(ParseError) {
    for expected in expected where try !word(expected) { throw error("expected \(expected), found \(found)") }
  }

  /// Reads this word if it comes next; returns whether it did.
  package mutating func word(_ expected: String) throws(ParseError) -> Bool {
    guard token == .word(expected) else { return false }
    try advance()
    return true
  }

  /// A bare or quoted name.
  package mutating func name(_ what: String) throws(ParseError) -> String {
    switch token {
    case .word(let name), .quoted(let name):
      try advance()
      return name
    case .number, .handle, .symbol, .endOfLine, .endOfText:
      throw error("expected \(what), found \(found)")
    }
  }

  package mutating func integer(_ range: ClosedRange<Int>, _ what: String) throws(ParseError) -> Int {
    guard case .number(let text) = token, let value = Int(text), range.contains(value) else {
      throw error("expected \(what) in \(range.lowerBound) ... \(range.upperBound), found \(found)")
    }
    try advance()
    return value
  }

  /// A count, a position or a dimension: not negative, and small enough for 32 bits.
  package mutating func natural(_ what: String, from lowest: Int = 0) throws(ParseError) -> Int {
    try integer(lowest...Int(Int32.max), what)
  }

  /// `0.5`, `-3e-7`, `0x1.8p3`, `inf`, `-inf` or `nan`
  package mutating func double() throws(ParseError) -> Double {
    let text: String
    switch token {
    case .number(let number), .word(let number): text = number
    case .quoted, .handle, .symbol, .endOfLine, .endOfText:
      throw error("expected a number such as 0.5, -inf or nan; found \(found)")
    }
    guard let value = Double(text) else {
      throw error("expected a number such as 0.5, -inf or nan; found \(found)")
    }
    if value.isInfinite, text.utf8.contains(where: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains) {
      throw error("\(found) is too large for a Float64; write inf for the infinity")
    }
    try advance()
    return value
  }
}
