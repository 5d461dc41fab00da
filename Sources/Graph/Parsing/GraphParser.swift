internal import EbbTensors

extension Graph {
  /// Reads a graph from its text, as `description` prints it, and verifies it.
  ///
  /// Handles may have gaps and come in any order; the nodes are numbered by their lines. Throws the first problem, in
  /// the text or in the graph that it describes. It never traps, whatever the text.
  public init(parsing text: String) throws(ParseError) {
    var parser = try GraphParser(text)
    self = try parser.parse()
  }
}

/// Reads the text of a graph line by line, with one method for each rule of the grammar; no rule contains itself.
struct GraphParser {
  /// How a line refers to a node.
  enum Reference {
    case handle(Int)
    case name(String)
  }

  /// A reference that is resolved when all nodes are known.
  struct Pending<Target> {
    var target: Target
    var reference: Reference
    var place: TextScanner.Location
  }

  var scanner: TextScanner
  var graph = Graph()
  private var nodesByHandle: [Int: NodeID] = [:]
  private var axesByName: [String: Axis] = [:]
  private var outputNames: Set<String> = []
  /// Where each node's line begins.
  private var places: [TextScanner.Location] = []
  private var lengths: [Pending<Axis>] = []
  private var carried: [Pending<NodeID>] = []
  /// Whether the separator before the next attribute of an operation has been read.
  var separatorIsRead = false

  init(_ text: String) throws(ParseError) { scanner = try TextScanner(text) }

  mutating func parse() throws(ParseError) -> Graph {
    try scanner.skipEmptyLines()
    while scanner.token != .endOfText {
      switch scanner.token {
      case .handle(let handle): try nodeLine(handle)
      case .word("axis"): try axisLine()
      case .word("output"): try outputLine()
      default:
        throw scanner.error(
          "expected a line that begins with \"axis\", a handle such as %0, or \"output\"; found \(scanner.found)")
      }
      try scanner.endLine()
    }
    for pending in lengths { graph.setLengths(try resolve(pending), of: pending.target) }
    for pending in carried { graph.setOperand(pending.target, 0, to: try resolve(pending)) }
    try verify()
    return graph
  }

  /// Verifies the graph; reports the first problem at the line of its node.
  private func verify() throws(ParseError) {
    do {
      try graph.verify()
    } catch {
      let problem = error.problems[0]
      guard let node = problem.node, places.indices.contains(node.index) else {
        throw ParseError(line: 1, column: 1, problem.message)
      }
      // The place identifies the node; the handle in the message may differ from the one in the text.
      var message = Substring(problem.message)
      for prefix in ["%\(node.index): ", "%\(node.index) "] where message.hasPrefix(prefix) {
        message = message.dropFirst(prefix.count)
      }
      throw TextScanner.error(String(message), at: places[node.index])
    }
  }

  // MARK: Lines

  /// `axis t: time, length 5`, `axis t: time, lengths %2` or `axis past: time, steps of t`
  private mutating func axisLine() throws(ParseError) {
    try scanner.advance()
    let place = scanner.place
    let name = try scanner.name("the axis's name")
    guard axesByName[name] == nil else {
      throw TextScanner.error("the axis \(quoted(name)) is declared twice", at: place)
    }
    guard graph.axes.count < Domain.capacity else {
      throw TextScanner.error("a graph has at most \(Domain.capacity) axes", at: place)
    }
    try scanner.symbol(":")
    var axis = AxisDescription(name: name, kind: try scanner.word("time") ? .time : .batch)
    if axis.kind == .batch, try !scanner.word("batch") {
      throw scanner.error("expected time or batch, found \(scanner.found)")
    }
    var reference: (Reference, TextScanner.Location)?
    while try scanner.hasSymbol(",") {
      if axis.length == nil, try scanner.word("length") {
        axis.length = try scanner.integer(1...Int(Int32.max), "a length")
      } else if reference == nil, try scanner.word("lengths") {
        let place = scanner.place
        reference = (try self.reference(), place)
      } else if axis.steps == nil, try scanner.word("steps") {
        try scanner.words("of")
        axis.steps = try self.axis()
      } else {
        throw scanner.error("expected length, lengths or steps, once each; found \(scanner.found)")
      }
    }
    let declared = graph.addAxis(axis)
    axesByName[name] = declared
    if let (reference, place) = reference {
      lengths.append(Pending(target: declared, reference: reference, place: place))
    }
  }

  /// `%5 y: f32 {t, b} [16] = tanh(%4)`
  private mutating func nodeLine(_ handle: Int) throws(ParseError) {
    let place = scanner.place
    guard nodesByHandle[handle] == nil else { throw scanner.error("the handle %\(handle) is used twice") }
    try scanner.advance()
    var name: String?
    if scanner.token != .symbol(":") {
      let place = scanner.place
      let found = try scanner.name("a name or \":\"")
      guard graph.node(named: found) == nil else {
        throw TextScanner.error("two nodes are named \(quoted(found))", at: place)
      }
      name = found
    }
    try scanner.symbol(":")
    let type = try self.type()
    try scanner.symbol("=")
    let (operation, operands) = try self.operation()
    let node = graph.appendUnchecked(operation, operands.nodes, type)
    if let open = operands.open { carried.append(Pending(target: node, reference: open.0, place: open.1)) }
    nodesByHandle[handle] = node
    places.append(place)
    if let name { graph.setName(name, of: node) }
  }

  /// `output loss = %12`
  private mutating func outputLine() throws(ParseError) {
    try scanner.advance()
    let place = scanner.place
    let name = try scanner.name("the output's name")
    guard outputNames.insert(name).inserted else {
      throw TextScanner.error("two outputs are named \(quoted(name))", at: place)
    }
    try scanner.symbol("=")
    graph.setOutput(name, try node())
  }

  // MARK: References

  mutating func reference() throws(ParseError) -> Reference {
    switch scanner.token {
    case .handle(let handle):
      try scanner.advance()
      return .handle(handle)
    case .word(let name), .quoted(let name):
      try scanner.advance()
      return .name(name)
    case .number, .symbol, .endOfLine, .endOfText:
      throw scanner.error("expected a node, by its handle or its name; found \(scanner.found)")
    }
  }

  /// A node of an earlier line.
  mutating func node() throws(ParseError) -> NodeID {
    let place = scanner.place
    let reference = try self.reference()
    guard let node = find(reference) else {
      throw TextScanner.error(
        "\(text(reference)) is not defined above; only the first operand of a delay or an advance may come later",
        at: place)
    }
    return node
  }

  func find(_ reference: Reference) -> NodeID? {
    switch reference {
    case .handle(let handle): nodesByHandle[handle]
    case .name(let name): graph.node(named: name)
    }
  }

  private func resolve<Target>(_ pending: Pending<Target>) throws(ParseError) -> NodeID {
    guard let node = find(pending.reference) else {
      throw TextScanner.error("\(text(pending.reference)) is not defined; no line begins with it", at: pending.place)
    }
    return node
  }

  private func text(_ reference: Reference) -> String {
    switch reference {
    case .handle(let handle): "%\(handle)"
    case .name(let name): quoted(name)
    }
  }

  mutating func axis() throws(ParseError) -> Axis {
    let place = scanner.place
    let name = try scanner.name("an axis")
    guard let axis = axesByName[name] else {
      let known = graph.axes.map { quoted($0.name) }.joined(separator: ", ")
      throw TextScanner.error(
        "there is no axis \(quoted(name)) above; " + (known.isEmpty ? "no axis is declared" : "the axes are \(known)"),
        at: place)
    }
    return axis
  }
}
