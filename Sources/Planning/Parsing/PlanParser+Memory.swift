internal import EbbGraph
internal import EbbTensors

/// The lines of the memory: values, views, packed weights.
extension PlanParser {
  /// Moves to the line that starts the memory.
  mutating func skipStages() throws(ParseError) {
    var isLineStart = true
    while !(isLineStart && scanner.token == .word("memory")) {
      guard scanner.token != .endOfText else { throw scanner.error("expected a line that begins with memory") }
      isLineStart = scanner.token == .endOfLine
      try scanner.advance()
    }
  }

  /// `memory: 12 values, 2 packed weights`, and a line for each, with the views between them.
  mutating func memory() throws(ParseError) {
    try scanner.words("memory")
    try scanner.symbol(":")
    let values = try scanner.natural("a number of values")
    try scanner.words("values")
    try scanner.symbol(",")
    let weights = try scanner.natural("a number of packed weights")
    try scanner.words("packed", "weights")
    try scanner.endLine()
    for index in 0..<values {
      guard try self.index("v", nil, "a value") == index else {
        throw scanner.error("the value before is not v\(index)")
      }
      parts.values.append(try value())
      try scanner.endLine()
    }
    while case .handle = scanner.token {
      let node = try node()
      parts.views[node] = try part(of: node)
      try scanner.endLine()
    }
    for index in 0..<weights {
      guard try self.index("w", nil, "packed weights") == index else {
        throw scanner.error("the weights before are not w\(index)")
      }
      parts.weights.append(try packedWeights())
      try scanner.endLine()
    }
    guard scanner.token == .endOfText else {
      throw scanner.error("expected the end of the text, found \(scanner.found)")
    }
  }

  /// `: %53 h {t, b} × 3 + 3, 64 bits, phase 0, by t, every step, 1 place before and 0 after`
  private mutating func value() throws(ParseError) -> Value {
    try scanner.symbol(":")
    let node = try node()
    let domain = try domain()
    try scanner.words("×")
    let features = try layout()
    try scanner.symbol(",")
    let storage = try storage()
    try scanner.symbol(",")
    try scanner.words("phase")
    let phase = Phase(try scanner.natural("a phase"))
    var value = Value(node: node, storage: storage, phase: phase, axes: Array(domain), features: features)
    while try scanner.hasSymbol(",") { try property(of: &value, domain) }
    return value
  }

  private mutating func property(of value: inout Value, _ domain: Domain) throws(ParseError) {
    if try scanner.word("by") {
      var first: [Axis] = []
      repeat {
        let place = scanner.place
        let next = try axis()
        guard domain.contains(next), !first.contains(next) else {
          throw TextScanner.error("the value does not depend on the axis that comes first", at: place)
        }
        first.append(next)
      } while try scanner.word("and")
      value.axes = graph.memoryOrder(domain, outermost: first)
    } else if try scanner.word("every") {
      try scanner.words("step")
    } else if try scanner.word("the") {
      try scanner.words("last")
      let place = scanner.place
      let steps = try counted("step", from: 1)
      guard steps & (steps - 1) == 0 else {
        throw TextScanner.error("a ring has a power of two of steps, not \(steps)", at: place)
      }
      value.lifetime = .ring(steps)
    } else if try scanner.word("in") {
      try scanner.words("panels")
      value.isPadded = true
    } else if try scanner.word("row") {
      try scanner.words("by", "row")
      value.isRowMajor = true
    } else if try scanner.word("without") {
      try scanner.words("padding")
      value.isTight = true
    } else if try scanner.word("with") {
      try scanner.words("what", "rounding", "took")
      value.isSum = true
    } else {
      let before = try counted("place")
      try scanner.words("before", "and")
      let after = try scanner.natural("a number of places after")
      try scanner.words("after")
      if try scanner.word("along") {
        value.margins.append(Value.Margin(axis: try axis(), before: before, after: after))
      } else {
        (value.before, value.after) = (before, after)
      }
    }
  }

  /// ` = v47 from panel 2 lane 3 × 16, one number for all, shifted by -1, first of t`
  private mutating func part(of node: NodeID) throws(ParseError) -> View {
    try scanner.symbol("=")
    let value = try index("v", parts.values.count, "a value")
    var view = View(value: value, node: node, features: parts.values[value].features)
    if try scanner.word("from") {
      try scanner.words("panel")
      view.panel = try scanner.natural("a panel")
    }
    if try scanner.word("lane") { view.lane = try scanner.natural("a lane") }
    try scanner.words("×")
    view.features = try layout()
    while try scanner.hasSymbol(",") {
      if try scanner.word("one") {
        try scanner.words("number", "for", "all")
        view.isRepeated = true
      } else if try scanner.word("shifted") {
        try scanner.words("by")
        let shift = try scanner.integer(-Int(Int32.max)...Int(Int32.max), "a shift")
        if try scanner.word("along") {
          view.across = View.Across(axis: try axis(), shift: shift)
        } else {
          view.shift = shift
        }
      } else {
        let position = try position()
        try scanner.words("of")
        view.fixed = View.FixedAxis(axis: try axis(), position: position)
      }
    }
    return view
  }

  private mutating func position() throws(ParseError) -> Position {
    if try scanner.word("first") { return .first }
    try scanner.words("last")
    return .last
  }

  /// `: 3 × 8 + 8, 32 bits, from v26[0 + 3 i + 1 j] at row 0, column 0: 3 × 3`
  private mutating func packedWeights() throws(ParseError) -> PackedWeights {
    try scanner.symbol(":")
    let rows = try scanner.natural("a number of rows", from: 1)
    try scanner.words("×")
    let columns = try layout()
    try scanner.symbol(",")
    let storage = try storage()
    try scanner.symbol(",")
    try scanner.words("from")
    return PackedWeights(pieces: try matrixParts(), storage: storage, rows: rows, columns: columns)
  }

  /// Rectangles, separated by semicolons.
  mutating func matrixParts() throws(ParseError) -> [MatrixPart] {
    var result = [try matrixPart()]
    while try scanner.hasSymbol(";") { result.append(try matrixPart()) }
    return result
  }

  private mutating func matrixPart() throws(ParseError) -> MatrixPart {
    let value = try index("v", parts.values.count, "a value")
    try scanner.symbol("[")
    let offset = try scanner.natural("an offset")
    let rowStride = try addend("the distance of rows")
    try scanner.words("i")
    let columnStride = try addend("the distance of columns")
    try scanner.words("j")
    try scanner.symbol("]")
    try scanner.words("at", "row")
    let row = try scanner.natural("a row")
    try scanner.symbol(",")
    try scanner.words("column")
    let column = try scanner.natural("a column")
    try scanner.symbol(":")
    let rows = try scanner.natural("a number of rows", from: 1)
    try scanner.words("×")
    let columns = try scanner.natural("a number of columns", from: 1)
    return MatrixPart(
      value: value, offset: offset, rowStride: rowStride, columnStride: columnStride, row: row, column: column,
      rows: rows, columns: columns)
  }
}
