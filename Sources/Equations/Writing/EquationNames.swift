internal import EbbGraph
internal import EbbTensors

/// The letters that equations have for a graph's values.
///
/// A cell that was read from equations keeps their names. A cell in Swift has words: `forget` is written f, its weights
/// `forget.weight` W_f and its bias b_f, if no other value has the letter; other words stay as they are.
struct EquationNames {
  private var graph: Graph
  private(set) var names: [NodeID: Name] = [:]
  private var taken: Set<Name> = []
  /// The letter or word of each gate, layer or value.
  private var letters: [String: String] = [:]

  /// What papers call the gates.
  private static let usual = [
    "input": "i", "forget": "f", "output": "o", "candidate": "g", "update": "z", "reset": "r", "recurrent": "h",
    "cell": "c", "hidden": "h", "value": "v",
  ]

  /// - Parameter known: Names of the user's text by the name in the graph.
  init(_ graph: Graph, known: [String: Name]) {
    self.graph = graph
    let named = graph.nodes.compactMap { node in
      graph.alias(node) == node ? graph.name(node).map { (node, $0) } : nil
    }
    for (node, name) in named {
      guard let own = known[name] else { continue }
      // The starts of one value for several delays have one name.
      if own.below == "0", name.hasSuffix(".initial"), names.values.contains(own) {
        names[node] = own
      } else {
        claim(own, for: node)
      }
    }
    // Single letters first: they stay what they are.
    for (node, name) in named where names[node] == nil && name.count == 1 { claim(Name(base: name), for: node) }
    for (node, name) in named where names[node] == nil {
      claim(graph.operation(node) == .parameter ? parameter(name) : Name(base: letter(of: name)), for: node)
    }
  }

  /// Gives a value this name, with primes if another has it.
  mutating func claim(_ wanted: Name, for node: NodeID) {
    var name = wanted
    name.base.removeAll { $0 == "-" || $0 == "." }
    while taken.contains(name.withMarksLast) { name.base += "′" }
    taken.insert(name.withMarksLast)
    names[node] = name
  }

  /// The same names for a graph that continues this one.
  func continued(in graph: Graph) -> EquationNames {
    var result = self
    result.graph = graph
    return result
  }

  /// The letter of a gate, unless a value has it, or the word.
  private mutating func letter(of word: String) -> String {
    if let known = letters[word] { return known }
    let plain = String(word.filter { $0.isLetter || $0.isNumber })
    var letter = Self.usual[word] ?? (plain.isEmpty ? "v" : plain)
    if taken.contains(Name(base: letter)) || letter == "t" { letter = plain }
    if letter.count > 1, NamedFunction(letter) != nil { letter += "s" }
    letters[word] = letter
    return letter
  }

  private mutating func parameter(_ name: String) -> Name {
    let start = ".initial"
    if name.hasSuffix(start) { return Name(base: String(name.dropLast(start.count)), below: "0") }
    for (ending, base) in [(".weight", "W"), (".bias", "b"), (".scale", "γ")] where name.hasSuffix(ending) {
      let layer = String(name.dropLast(ending.count))
      return Name(base: base, below: Self.usual[layer] ?? String(layer.filter { $0.isLetter || $0.isNumber }))
    }
    let word = String(name.filter { $0.isLetter || $0.isNumber })
    // A matrix has a capital.
    let rank = graph.node(named: name).map { graph.type($0).shape.rank } ?? 0
    if rank == 2, word.first?.isUppercase != true { return Name(base: "W", below: word) }
    return Name(base: word.count > 1 && NamedFunction(word) != nil ? word + "s" : word)
  }

  // MARK: Values without a name

  /// The longest formula that is written twice rather than named, as 1 − h², and the longest that is written out at all,
  /// in operations and operands.
  private static let repeated = 5, longest = 27

  /// Names the values that would otherwise be written out more than once, at length, or at a step at which they cannot be.
  mutating func nameSharedValues(below results: [NodeID], composites: Composites) {
    var uses: [NodeID: Int] = [:]
    var sizes: [NodeID: Int] = [:]
    var nodes = NodeSet(results, count: graph.count)
    var pending = results
    while let node = pending.popLast() {
      // What a function consists of is not written.
      if graph.isIdentityMatrix(node) { continue }
      let operands = composites.argument(of: node, in: graph).map { [$0] } ?? Array(graph.operands(node))
      for operand in operands.map(graph.alias) {
        uses[operand, default: 0] += 1
        if nodes.insert(operand) { pending.append(operand) }
      }
    }
    func size(_ node: NodeID) -> Int { names[node] == nil ? sizes[graph.alias(node), default: 1] : 1 }
    for node in nodes {
      if let shift = graph.operation(node).shift {
        let carried = graph.alias(graph.operand(node, 0))
        sizes[node] = size(carried)
        let isWrittenOut = shift.isAdvance && shift.by == 1 && Self.isOfOneStep(carried, graph, names)
        if names[carried] == nil, !isWrittenOut { nameNext(carried) }
        continue
      }
      if case .history = graph.operation(node) {
        // A value at the steps of the past has a name, or is one with a name times weights.
        var carried = graph.alias(graph.operand(node, 0))
        while names[carried] == nil, let vector = graph.multipliedVector(carried) { carried = vector }
        if names[carried] == nil, graph.operation(carried).shift == nil { nameNext(carried) }
      }
      if case .constant = graph.operation(node) { continue }
      if graph.isIdentityMatrix(node) { continue }
      guard names[node] == nil else { continue }
      if let inner = composites.argument(of: node, in: graph) {
        sizes[node] = size(inner) + 1
      } else {
        sizes[node] = graph.operands(node).reduce(1) { $0 + size($1) }
      }
      let isShared = uses[node, default: 0] > 1 && sizes[node, default: 1] > Self.repeated
      if graph.type(node).element.isFloat, isShared || sizes[node, default: 1] > Self.longest { nameNext(node) }
    }
  }

  private var count = 0

  /// Whether a name is one that was given to a value without any: s₁, s₂ …
  static func isOwn(_ name: Name) -> Bool { name.base == "s" && Int(name.below) != nil }

  private mutating func nameNext(_ node: NodeID) {
    count += 1
    claim(Name(base: "s", below: "\(count)"), for: node)
  }

  /// Whether a value is computed from values of its own step alone, at least one of which changes.
  static func isOfOneStep(_ node: NodeID, _ graph: Graph, _ names: [NodeID: Name]) -> Bool {
    var pending = [node]
    var changes = false
    var seen: Set<NodeID> = []
    while let next = pending.popLast() {
      let next = graph.alias(next)
      if names[next] != nil {
        changes = changes || !graph.type(next).domain.isEmpty && !graph.operation(next).isParameter
        continue
      }
      guard graph.operation(next).shift == nil else { return false }
      if seen.insert(next).inserted { pending += graph.operands(next) }
    }
    return changes
  }
}

extension Name {
  /// The name with the marks of its letters at the end: LaTeX sets them over all letters.
  fileprivate var withMarksLast: Name {
    let isMark = { (scalar: Unicode.Scalar) in
      MathSpelling.accents.values.contains { $0.unicodeScalars.first == scalar }
    }
    var result = self
    result.base = ""
    result.base.unicodeScalars += base.unicodeScalars.filter { !isMark($0) }
    result.base.unicodeScalars += base.unicodeScalars.filter(isMark)
    return result
  }
}

extension Operation {
  fileprivate var isParameter: Bool { self == .parameter }
}
