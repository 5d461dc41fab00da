internal import EbbTensors

/// The right-hand sides of equations: `product(h, R; contracting 0 with 0)`.
extension GraphParser {
  /// The operands of an equation; a carried one that is defined later stays open.
  struct Operands {
    var nodes: [NodeID] = []
    var open: (Reference, TextScanner.Location)?
  }

  mutating func operation() throws(ParseError) -> (Operation, Operands) {
    let place = scanner.place
    let keyword = try scanner.name("an operation such as tanh(%0)")
    if keyword == "parameter" { return (.parameter, Operands()) }
    if keyword == "input" { return (.input, Operands()) }
    guard try scanner.hasSymbol("(") else {
      throw scanner.error("expected \"(\" after \(quoted(keyword)), found \(scanner.found)")
    }
    var operands = Operands()
    let operation: Operation
    switch keyword {
    case "constant": operation = .constant(try scanner.double())
    case "literal": operation = try literal()
    case "index", "length", "iota", "random":
      separatorIsRead = true
      operation = try leaf(keyword)
    case "delay", "advance":
      operands = try shiftOperands(boundary: keyword == "delay" ? "initial" : "final")
      operation = try shift(keyword)
    default:
      if let plain = Self.withoutAttributes[keyword] {
        operands = try plainOperands()
        operation = plain
      } else {
        guard Self.withAttributes.contains(keyword) else {
          throw TextScanner.error("there is no operation \(quoted(keyword))", at: place)
        }
        operands = try plainOperands()
        operation = try self.operation(keyword)
      }
    }
    if separatorIsRead { throw scanner.error("nothing more belongs to \(keyword); found \(scanner.found)") }
    guard try scanner.hasSymbol(")") else {
      throw scanner.error("expected \")\" at the end of \(keyword), found \(scanner.found)")
    }
    return (operation, operands)
  }

  /// Operations that their keyword alone determines.
  private static let withoutAttributes: [String: Operation] = {
    let operations =
      UnaryFunction.allCases.map(Operation.unary) + BinaryFunction.allCases.map(Operation.binary)
      + Comparison.allCases.map(Operation.compare) + MatrixFunction.allCases.map(Operation.matrix)
      + [.select, .gather, .stopGradient, .declaredGradient, .incomingAdjoint]
    return Dictionary(uniqueKeysWithValues: operations.map { ($0.keyword, $0) })
  }()

  private static let withAttributes: Set<String> = [
    "convert", "product", "transpose", "reshape", "broadcast", "concatenate", "slice", "pad", "scatterAdd",
    "sumFeatures", "meanFeatures", "maxFeatures", "normFeatures", "argmaxFeatures",
    "argsortFeatures", "gatherFeatures", "scatterFeatures", "accumulate", "sumAxes", "maxAxes", "argmaxAxis",
    "pick", "place", "spread",
    "axisToFeature", "featureToAxis", "history", "historySum", "clipGradient",
  ]

  // MARK: Operations by keyword

  /// `1, 0.5, nan`
  private mutating func literal() throws(ParseError) -> Operation {
    var numbers = [try scanner.double()]
    while try scanner.hasSymbol(",") { numbers.append(try scanner.double()) }
    return .literal(Literal(numbers))
  }

  private mutating func leaf(_ keyword: String) throws(ParseError) -> Operation {
    switch keyword {
    case "index": return .axisIndex(try along())
    case "length": return .axisLength(try along())
    case "iota": return .iota(try number("count", from: 1))
    default:
      let distribution = try choice("a distribution", Distribution.allCases)
      try attribute("stream")
      return .random(distribution, stream: UInt32(try scanner.integer(0...Int(UInt32.max), "a stream")))
    }
  }

  private mutating func shift(_ keyword: String) throws(ParseError) -> Operation {
    let axis = try along()
    let by = try optional("by") ? try scanner.natural("a number of steps", from: 1) : 1
    if keyword == "advance" { return .advance(axis, by: by) }
    let truncation = try optional("truncation") ? try scanner.natural("a number of steps", from: 1) : 0
    return .delay(axis, by: by, truncation: truncation)
  }

  private mutating func operation(_ keyword: String) throws(ParseError) -> Operation {
    switch keyword {
    case "convert":
      try attribute("to")
      return .convert(try element())
    case "product":
      let contraction = try contraction()
      return .product(contraction, over: try optional("over") ? try domain() : .empty)
    case "transpose":
      let first = try number("dimension")
      return .transpose(first, try number("with"))
    case "reshape":
      try attribute("to")
      return .reshape(try shape())
    case "broadcast":
      let dimension = try number("dimension")
      return .broadcast(dimension: dimension, count: try number("count", from: 1))
    case "concatenate": return .concatenate(dimension: try number("dimension"))
    case "slice":
      let dimension = try number("dimension")
      let start = try number("start")
      return .slice(dimension: dimension, start: start, count: try number("count", from: 1))
    case "pad":
      let dimension = try number("dimension")
      let before = try number("before")
      return .pad(dimension: dimension, before: before, after: try number("after"))
    case "scatterAdd":
      let count = try number("count", from: 1)
      return .scatterAdd(count: count, over: try optional("over") ? try domain() : .empty)
    case "sumFeatures": return .reduceFeatures(.sum, dimension: try number("dimension"))
    case "meanFeatures": return .reduceFeatures(.mean, dimension: try number("dimension"))
    case "maxFeatures": return .reduceFeatures(.max, dimension: try number("dimension"))
    case "normFeatures": return .reduceFeatures(.norm, dimension: try number("dimension"))
    case "argmaxFeatures": return .argmaxFeatures(dimension: try number("dimension"))
    case "argsortFeatures":
      let dimension = try number("dimension")
      return .argsortFeatures(dimension: dimension, descending: try optional("descending"))
    case "gatherFeatures": return .gatherFeatures(dimension: try number("dimension"))
    case "scatterFeatures":
      let dimension = try number("dimension")
      return .scatterFeatures(dimension: dimension, count: try number("count", from: 1))
    case "accumulate":
      let dimension = try number("dimension")
      return .accumulate(dimension: dimension, reversed: try optional("reversed"))
    case "sumAxes": return .reduceAxes(.sum, over: try over())
    case "maxAxes": return .reduceAxes(.max, over: try over())
    case "argmaxAxis": return .argmaxAxis(try along())
    case "pick":
      let axis = try along()
      return .pick(axis, try choice("a position", Position.allCases))
    case "place":
      let axis = try along()
      return .place(axis, try choice("a position", Position.allCases))
    case "spread": return .spread(try over())
    case "axisToFeature": return .axisToFeature(try along())
    case "featureToAxis": return .featureToAxis(try along())
    case "history", "historySum":
      try attribute("of")
      let time = try axis()
      let past = try along()
      let isBackward = try optional("backward")
      return keyword == "history"
        ? .history(time, along: past, isBackward: isBackward) : .historySum(time, along: past, isBackward: isBackward)
    case "clipGradient":
      if try optional("norm") {
        let limit = try scanner.double()
        return .clipGradient(.norm(limit, epsilon: try optional("epsilon") ? try scanner.double() : 0))
      }
      try attribute("value")
      return .clipGradient(.value(try scanner.double()))
    default: preconditionFailure("\(keyword) is listed as an operation with attributes")
    }
  }

  private mutating func contraction() throws(ParseError) -> Contraction {
    if try optional("outer") { return .outer }
    try attribute("contracting")
    let left = try scanner.natural("a dimension")
    try scanner.words("with")
    return .dimensions(left, try scanner.natural("a dimension"))
  }

  // MARK: Operands

  private mutating func plainOperands() throws(ParseError) -> Operands {
    var operands = Operands(nodes: [try node()])
    while try scanner.hasSymbol(",") { operands.nodes.append(try node()) }
    return operands
  }

  /// `(%9, initial %4`: the carried value, possibly defined on a later line, and the value at the boundary.
  private mutating func shiftOperands(boundary: String) throws(ParseError) -> Operands {
    var operands = Operands()
    let place = scanner.place
    let carried = try reference()
    if let node = find(carried) {
      operands.nodes = [node]
    } else {
      operands.nodes = [.open]
      operands.open = (carried, place)
    }
    try scanner.symbol(",")
    guard try scanner.word(boundary) else {
      throw scanner.error("expected \(boundary) and the value at the boundary, found \(scanner.found)")
    }
    operands.nodes.append(try node())
    return operands
  }

  // MARK: Attributes

  /// Reads the separator before an attribute, unless that has been read: a semicolon after the operands, then commas.
  private mutating func separator() throws(ParseError) -> Bool {
    if separatorIsRead { return true }
    guard scanner.token == .symbol(";") || scanner.token == .symbol(",") else { return false }
    try scanner.advance()
    separatorIsRead = true
    return true
  }

  /// Reads the word of an optional attribute; returns whether it was there.
  private mutating func optional(_ word: String) throws(ParseError) -> Bool {
    guard try separator(), try scanner.word(word) else { return false }
    separatorIsRead = false
    return true
  }

  /// Reads the word of an attribute.
  private mutating func attribute(_ word: String) throws(ParseError) {
    guard try optional(word) else { throw scanner.error("expected \(word), found \(scanner.found)") }
  }

  private mutating func number(_ word: String, from lowest: Int = 0) throws(ParseError) -> Int {
    try attribute(word)
    return try scanner.natural("a number", from: lowest)
  }

  private mutating func along() throws(ParseError) -> Axis {
    try attribute("along")
    return try axis()
  }

  private mutating func over() throws(ParseError) -> Domain {
    try attribute("over")
    return try domain()
  }

  /// One of these words.
  private mutating func choice<Choice>(_ what: String, _ choices: [Choice]) throws(ParseError) -> Choice {
    for choice in choices where try optional("\(choice)") { return choice }
    let words = choices.map { "\($0)" }.joined(separator: ", ")
    throw scanner.error("expected \(what) (\(words)), found \(scanner.found)")
  }
}
