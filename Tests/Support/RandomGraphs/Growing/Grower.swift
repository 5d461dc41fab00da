internal import EbbGraph
internal import EbbTensors

/// A random graph while it grows: the values from which the next operation draws its operands.
struct Grower {
  /// A node that may be an operand.
  struct Entry {
    var node: NodeID
    /// About how large its numbers become; what grows beyond a few units is scaled or squashed.
    var bound: Double
    /// Whether it depends on a state of the recurrence that is still open.
    var isCarried = false
  }

  /// The recurrence whose states are still to be given their next values.
  struct Recurrence {
    /// The axes along which it runs, several over a grid.
    var sweeps: [SweepDirection]
    /// The axes that the states have from the start and keep; nil if the domains on the cycle may still grow, and then
    /// an operand that must lack an axis must not lie on it.
    var settled: Domain?
  }

  let random: Dice
  let options: RandomGraph.Options
  let element: ElementType
  var graph = Graph()
  var bindings: Bindings
  var axes: [Axis] = []
  var lengths: [Axis: Int] = [:]
  var parameters: [NodeID] = []
  var inputs: [NodeID] = []
  var floats: [Entry] = []
  var integers: [Entry] = []
  var masks: [Entry] = []
  var recurrence: Recurrence?
  var streams: UInt32 = 0

  /// No value has more features than this.
  static let largestWidth = 25

  init(seed: UInt64, options: RandomGraph.Options) {
    precondition(options.element.isFloat, "random graphs compute with floats")
    random = Dice(seed)
    self.options = options
    element = options.element
    bindings = Bindings(seed: seed ^ 0x5EED, run: seed % 3)
  }

  // MARK: Appending

  func type(_ entry: Entry) -> NodeType { graph.type(entry.node) }
  func shape(_ entry: Entry) -> Shape { graph.type(entry.node).shape }
  func domain(_ entry: Entry) -> Domain { graph.type(entry.node).domain }

  /// Appends an operation, unless its result were too large.
  mutating func append(_ operation: Operation, _ operands: [Entry], bound: Double) -> Entry? {
    let types = operands.map { type($0) }
    do {
      let type = try graph.inferType(operation, types)
      guard type.shape.count <= Self.largestWidth else { return nil }
      let node = graph.append(operation, operands.map(\.node))
      return Entry(node: node, bound: bound, isCarried: operands.contains { $0.isCarried })
    } catch {
      preconditionFailure("the generator built an ill-typed node: \(error.message)")
    }
  }

  /// Appends an operation whose result is never too large.
  mutating func must(_ operation: Operation, _ operands: [Entry], bound: Double) -> Entry {
    guard let entry = append(operation, operands, bound: bound) else {
      preconditionFailure("\(operation.keyword) became too large")
    }
    return entry
  }

  /// A number; mostly one node for each.
  mutating func constant(_ value: Double, _ element: ElementType? = nil) -> Entry {
    let type = NodeType(element ?? self.element)
    let known = graph.nodes.first { graph.operation($0) == .constant(value) && graph.type($0) == type }
    let shared = random.chance(0.9) ? known : nil
    let node = shared ?? graph.appendLeaf(.constant(value), type)
    return Entry(node: node, bound: abs(value))
  }

  mutating func scaled(_ entry: Entry, by factor: Double) -> Entry {
    must(.binary(.multiply), [constant(factor), entry], bound: entry.bound * abs(factor))
  }

  /// A float of at most about this size: the entry, or a function of it.
  mutating func tamed(_ entry: Entry, to limit: Double = 3) -> Entry {
    guard entry.bound > limit else { return entry }
    switch random.integer(in: 0...2) {
    case 0 where limit >= 1: return must(.unary(.tanh), [entry], bound: 1)
    case 1 where limit >= 1: return must(.unary(.sin), [entry], bound: 1)
    default: return scaled(entry, by: limit / entry.bound)
    }
  }

  /// Makes an entry available as an operand.
  mutating func offer(_ entry: Entry?) {
    guard let entry else { return }
    switch type(entry).element {
    case .float32, .float64: floats.append(tamed(entry))
    case .int32: integers.append(tamedInteger(entry))
    case .bool: masks.append(entry)
    }
  }

  mutating func tamedInteger(_ entry: Entry) -> Entry {
    guard entry.bound > 50 else { return entry }
    return must(.binary(.remainder), [entry, constant(17, .int32)], bound: 17)
  }

  // MARK: Drawing

  /// A random entry, sooner a late one, of those that satisfy a condition.
  func draw(_ entries: [Entry], where isFit: (Entry) -> Bool = { _ in true }) -> Entry? {
    let candidates = entries.filter(isFit)
    guard !candidates.isEmpty else { return nil }
    if recurrence != nil, random.chance(0.7), let carried = random.choice(of: candidates.filter(\.isCarried)) {
      return carried
    }
    let position = random.number(in: 0...1)
    return candidates[candidates.count - 1 - Int(position * position * Double(candidates.count - 1) + 0.5)]
  }

  /// A random entry of any element type, mostly a float.
  func drawAny(where isFit: (Entry) -> Bool = { _ in true }) -> Entry? {
    switch random.integer(in: 0...9) {
    case 0: draw(integers, where: isFit)
    case 1: draw(masks, where: isFit)
    default: draw(floats, where: isFit)
    }
  }

  func extent() -> Int { random.integer(in: 1...5) }

  /// A shape of rank 0 to 2, mostly that of a vector.
  func someShape() -> Shape {
    switch random.integer(in: 0...9) {
    case 0...1: .scalar
    case 2...7: [extent()]
    default: [extent(), extent()]
    }
  }

  func subset(_ domain: Domain, chance: Double) -> Domain {
    Domain(domain.filter { _ in random.chance(chance) })
  }

  // MARK: Rules

  /// Whether an operation may use all indices of an axis of an operand: not of the recurrence to which it belongs.
  func mayMix(_ axis: Axis, _ entry: Entry) -> Bool {
    !entry.isCarried || recurrence?.sweeps.contains { $0.axis == axis } != true
  }

  /// Whether the operand surely keeps lacking the axes that it lacks now.
  func mayExtend(_ entry: Entry) -> Bool { !entry.isCarried || recurrence?.settled != nil }

  /// A subset of the axes of an operation's operands over which it may sum.
  func summedAxes(_ operands: [Entry], chance: Double) -> Domain {
    let all = operands.reduce(Domain.empty) { $0.union(domain($1)) }
    let allowed = Domain(all.filter { axis in operands.allSatisfy { mayMix(axis, $0) } })
    return subset(allowed, chance: chance)
  }

  /// The number of indices of these axes.
  func count(_ domain: Domain) -> Double { domain.reduce(1) { $0 * Double(lengths[$1] ?? 1) } }
}
