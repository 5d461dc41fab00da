internal import EbbTensors

/// The small rules: words, names, numbers, types.
extension GraphParser {
  /// Reads this symbol.
  mutating func symbol(_ expected: Unicode.Scalar) throws(ParseError) {
    guard scanner.token == .symbol(expected) else {
      throw scanner.error("expected \"\(expected)\", found \(scanner.found)")
    }
    try scanner.advance()
  }

  /// Reads this word if it comes next, and says whether it did.
  mutating func word(_ expected: String) throws(ParseError) -> Bool {
    guard scanner.token == .word(expected) else { return false }
    try scanner.advance()
    return true
  }

  /// A bare or quoted name.
  mutating func name(_ what: String) throws(ParseError) -> String {
    switch scanner.token {
    case .word(let name), .quoted(let name):
      try scanner.advance()
      return name
    case .number, .handle, .symbol, .endOfLine, .endOfText:
      throw scanner.error("expected \(what), found \(scanner.found)")
    }
  }

  mutating func integer(_ range: ClosedRange<Int>, _ what: String) throws(ParseError) -> Int {
    guard case .number(let text) = scanner.token, let value = Int(text), range.contains(value) else {
      throw scanner.error("expected \(what) in \(range.lowerBound) ... \(range.upperBound), found \(scanner.found)")
    }
    try scanner.advance()
    return value
  }

  /// A count, a position or a dimension: not negative, and small enough for 32 bits.
  mutating func natural(_ what: String, from lowest: Int = 0) throws(ParseError) -> Int {
    try integer(lowest...Int(Int32.max), what)
  }

  /// `0.5`, `-3e-7`, `0x1.8p3`, `inf`, `-inf` or `nan`
  mutating func double() throws(ParseError) -> Double {
    let text: String
    switch scanner.token {
    case .number(let found), .word(let found): text = found
    case .quoted, .handle, .symbol, .endOfLine, .endOfText:
      throw scanner.error("expected a number such as 0.5, -inf or nan; found \(scanner.found)")
    }
    guard let value = Double(text) else {
      throw scanner.error("expected a number such as 0.5, -inf or nan; found \(scanner.found)")
    }
    if value.isInfinite, text.utf8.contains(where: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains) {
      throw scanner.error("\(scanner.found) is too large for a Float64; write inf for the infinity")
    }
    try scanner.advance()
    return value
  }

  /// `f32 {t, b} [16]`
  mutating func type() throws(ParseError) -> NodeType {
    let element = try self.element()
    let domain = scanner.token == .symbol("{") ? try self.domain() : .empty
    let shape = scanner.token == .symbol("[") ? try self.shape() : .scalar
    return NodeType(element, domain, shape)
  }

  mutating func element() throws(ParseError) -> ElementType {
    guard case .word(let name) = scanner.token, let element = ElementType(name: name) else {
      let known = ElementType.allCases.map(\.name).joined(separator: ", ")
      throw scanner.error("expected an element type (\(known)), found \(scanner.found)")
    }
    try scanner.advance()
    return element
  }

  /// `{t, b}`
  mutating func domain() throws(ParseError) -> Domain {
    try symbol("{")
    var domain = Domain.empty
    while scanner.token != .symbol("}") {
      if !domain.isEmpty { try symbol(",") }
      let place = scanner.place
      let axis = try self.axis()
      guard !domain.contains(axis) else {
        throw TextScanner.error("the axis \(quoted(graph.axes[axis.index].name)) is listed twice", at: place)
      }
      domain = domain.inserting(axis)
    }
    try symbol("}")
    return domain
  }

  /// `[8, 16]`
  mutating func shape() throws(ParseError) -> Shape {
    let place = scanner.place
    try symbol("[")
    var extents: [Int] = []
    while scanner.token != .symbol("]") {
      if !extents.isEmpty { try symbol(",") }
      extents.append(try natural("a dimension", from: 1))
      guard extents.count <= Shape.maximumRank else {
        throw TextScanner.error("a shape has at most \(Shape.maximumRank) dimensions", at: place)
      }
    }
    try symbol("]")
    var count = 1
    for extent in extents {
      count *= extent
      guard count <= Int32.max else {
        throw TextScanner.error("a shape has at most \(Int32.max) entries", at: place)
      }
    }
    return Shape(extents)
  }
}
