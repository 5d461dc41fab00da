internal import EbbTensors

/// The small rules: types, domains, shapes.
extension GraphParser {
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
    try scanner.symbol("{")
    var domain = Domain.empty
    while scanner.token != .symbol("}") {
      if !domain.isEmpty { try scanner.symbol(",") }
      let place = scanner.place
      let axis = try self.axis()
      guard !domain.contains(axis) else {
        throw TextScanner.error("the axis \(quoted(graph.axes[axis.index].name)) is listed twice", at: place)
      }
      domain = domain.inserting(axis)
    }
    try scanner.symbol("}")
    return domain
  }

  /// `[8, 16]`
  mutating func shape() throws(ParseError) -> Shape {
    let place = scanner.place
    try scanner.symbol("[")
    var extents: [Int] = []
    while scanner.token != .symbol("]") {
      if !extents.isEmpty { try scanner.symbol(",") }
      extents.append(try scanner.natural("a dimension", from: 1))
      guard extents.count <= Shape.maximumRank else {
        throw TextScanner.error("a shape has at most \(Shape.maximumRank) dimensions", at: place)
      }
    }
    try scanner.symbol("]")
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
