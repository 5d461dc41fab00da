public import EbbGraph
internal import EbbTensors

extension Plan {
  /// Reads a plan from its text, as `description` prints it, given the graph that it computes.
  ///
  /// Throws the first problem, in the text or in the plan that it describes. It never traps, whatever the text.
  public init(parsing text: String, of graph: Graph) throws(ParseError) {
    // Stages name the views of nodes, which come after them in the text.
    var memory = try PlanParser(text, graph)
    try memory.skipStages()
    try memory.memory()
    var parser = try PlanParser(text, graph)
    parser.parts = memory.parts
    try parser.stages()
    self = try parser.plan()
  }
}

/// Reads the text of a plan line by line, with one method for each rule of the grammar.
struct PlanParser {
  /// The parts read so far.
  struct Parts {
    var stages: [Stage] = []
    var values: [Value] = []
    var views: [NodeID: View] = [:]
    var weights: [PackedWeights] = []
  }

  var scanner: TextScanner
  let graph: Graph
  var parts = Parts()
  private let axes: [String: Axis]

  init(_ text: String, _ graph: Graph) throws(ParseError) {
    scanner = try TextScanner(text)
    self.graph = graph
    axes = Dictionary(graph.axes.enumerated().map { ($1.name, Axis($0)) }) { first, _ in first }
  }

  func plan() throws(ParseError) -> Plan {
    for node in graph.nodes where graph.operation(node).isGiven { try checkMemory(node) }
    for node in graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths) { try checkMemory(node) }
    let plan = Plan(
      graph: graph, stages: parts.stages, values: parts.values, weights: parts.weights,
      view: { [parts] in parts.views[$0] ?? View(value: 0, features: FeatureLayout(pieces: [1])) })
    if let problem = plan.problem { throw scanner.error(problem) }
    return plan
  }

  private func checkMemory(_ node: NodeID) throws(ParseError) {
    guard parts.views[node] != nil else { throw scanner.error("the memory has no line for %\(node.index)") }
  }

  // MARK: Words

  /// `3 steps`, `1 step`
  mutating func counted(_ noun: String, from lowest: Int = 0) throws(ParseError) -> Int {
    let count = try scanner.natural("a number of \(noun)s", from: lowest)
    try scanner.words(count == 1 ? noun : noun + "s")
    return count
  }

  /// Reads a number after a sign, as in `+ 3`.
  mutating func addend(_ what: String) throws(ParseError) -> Int {
    guard scanner.token == .number("+") else { throw scanner.error("expected + and \(what), found \(scanner.found)") }
    try scanner.advance()
    return try scanner.natural(what)
  }

  /// `v3`, `w0`: the number of a value or of packed weights.
  mutating func index(_ letter: Character, _ count: Int?, _ what: String) throws(ParseError) -> Int {
    guard case .word(let word) = scanner.token, word.first == letter, let index = Int(word.dropFirst()), index >= 0
    else {
      throw scanner.error("expected \(what) such as \(letter)0, found \(scanner.found)")
    }
    if let count, index >= count { throw scanner.error("there is no \(word) in the memory") }
    try scanner.advance()
    return index
  }

  mutating func axis() throws(ParseError) -> Axis {
    let place = scanner.place
    let name = try scanner.name("an axis")
    guard let axis = axes[name] else { throw TextScanner.error("the graph has no axis \(quoted(name))", at: place) }
    return axis
  }

  mutating func domain() throws(ParseError) -> Domain {
    try scanner.symbol("{")
    var domain = Domain.empty
    while scanner.token != .symbol("}") {
      if !domain.isEmpty { try scanner.symbol(",") }
      domain = domain.inserting(try axis())
    }
    try scanner.symbol("}")
    return domain
  }

  /// `3 + 3`
  mutating func layout() throws(ParseError) -> FeatureLayout {
    var pieces = [try scanner.natural("a number of features", from: 1)]
    while scanner.token == .number("+") { pieces.append(max(1, try addend("a number of features"))) }
    return FeatureLayout(pieces: pieces)
  }

  /// `32 bits`
  mutating func storage() throws(ParseError) -> StorageType {
    let place = scanner.place
    let bits = try scanner.natural("32 or 64 bits")
    try scanner.words("bits")
    guard let storage = [StorageType.single, .double].first(where: { 8 * $0.bytes == bits }) else {
      throw TextScanner.error("numbers have 32 or 64 bits, not \(bits)", at: place)
    }
    return storage
  }

  // MARK: Nodes and what they read

  /// `%12 h`
  mutating func node() throws(ParseError) -> NodeID {
    guard case .handle(let handle) = scanner.token else {
      throw scanner.error("expected a node such as %12, found \(scanner.found)")
    }
    guard handle < graph.count else { throw scanner.error("the graph has no node %\(handle)") }
    try scanner.advance()
    let node = NodeID(handle)
    guard let name = graph.name(node) else { return node }
    let place = scanner.place
    let found = try scanner.name("the node's name, \(quoted(name))")
    guard found == name else {
      throw TextScanner.error("%\(handle) is named \(quoted(name)), not \(quoted(found))", at: place)
    }
    return node
  }

  /// A node's view, or the whole of a value that is a copy.
  mutating func view() throws(ParseError) -> View {
    guard case .handle = scanner.token else {
      let value = try index("v", parts.values.count, "a value or a node")
      return View(value: value, features: parts.values[value].features)
    }
    let place = scanner.place
    let node = try node()
    guard let view = parts.views[node] else {
      throw TextScanner.error("the memory has no line for %\(node.index)", at: place)
    }
    return view
  }

  mutating func source() throws(ParseError) -> Source {
    switch scanner.token {
    case .handle: return .view(try view())
    case .word(let word) where word.first == "v" && Int(word.dropFirst()) != nil: return .view(try view())
    case .word, .number: return .constant(try scanner.double())
    case .quoted, .symbol, .endOfLine, .endOfText:
      throw scanner.error("expected a node, a value or a number, found \(scanner.found)")
    }
  }
}
