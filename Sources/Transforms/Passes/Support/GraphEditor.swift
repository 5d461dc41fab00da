internal import EbbGraph
internal import EbbTensors

/// A graph while a pass rewrites it: equations are added and replaced in any order, and `finished` returns the nodes
/// that the outputs need in an order of evaluation.
///
/// The editor keeps equations unique: `make` returns an equal node where there is one. Every step takes time
/// proportional to the nodes that it touches, so a pass over a hundred thousand nodes takes well under a second.
struct GraphEditor {
  /// The nodes of the source, then new ones. Its operands may be replaced nodes; read operands through the editor.
  private(set) var graph: Graph
  let source: Graph
  /// The substitute for each node: itself, unless it was replaced.
  private var replacements: [NodeID]
  /// Nodes whose last use is gone.
  private var isDead: [Bool]
  private var useCounts: [Int32]
  private var readers: Readers
  private var equations: [NodeKey: NodeID]
  private(set) var isChanged = false

  /// - Parameter equals: For each node an equal one that replaces it: the node itself or an earlier one.
  init(_ source: Graph, merging equals: [NodeID]? = nil) {
    graph = source
    self.source = source
    replacements = equals ?? Array(source.nodes)
    isChanged = equals.map { !$0.elementsEqual(source.nodes) } ?? false
    isDead = Array(repeating: false, count: source.count)
    useCounts = Array(repeating: 0, count: source.count)
    readers = Readers(count: source.count)
    equations = Dictionary(minimumCapacity: source.count)
    for node in source.nodes where replacements[node.index] == node {
      let operands = equals == nil ? source.operands(node) : source.operands(node).map { replacements[$0.index] }[...]
      for operand in operands {
        useCounts[operand.index] += 1
        readers.add(node, to: operand)
      }
      guard !source.operation(node).isGiven else { continue }
      let key = NodeKey(source.operation(node), operands, source.type(node))
      if equations[key] == nil { equations[key] = node }
    }
    for output in source.outputs { useCounts[replacements[output.node.index].index] += 1 }
  }

  // MARK: Reading

  /// The nodes that were there at the start, in order.
  var sourceNodes: some BidirectionalCollection<NodeID> { (0..<source.count).lazy.map { NodeID($0) } }

  func operation(_ node: NodeID) -> Operation { graph.operation(node) }
  func type(_ node: NodeID) -> NodeType { graph.type(node) }

  /// The current substitute for a node.
  func resolved(_ node: NodeID) -> NodeID {
    var node = node
    while replacements[node.index] != node { node = replacements[node.index] }
    return node
  }
  func operand(_ node: NodeID, _ position: Int) -> NodeID { resolved(graph.operand(node, position)) }
  func operands(_ node: NodeID) -> [NodeID] { graph.operands(node).map { resolved($0) } }

  /// Whether the node is still part of the graph.
  func isLive(_ node: NodeID) -> Bool { !isDead[node.index] && replacements[node.index] == node }

  /// How often this node is an operand or an output.
  func useCount(_ node: NodeID) -> Int { Int(useCounts[node.index]) }

  /// The nodes that read this one, ascending.
  func users(of node: NodeID) -> [NodeID] {
    var result: [NodeID] = []
    readers.forEach(of: node) { if reads($0, node) { result.append($0) } }
    result.sort()
    // A node that reads it twice is listed twice.
    var unique: [NodeID] = []
    for user in result where unique.last != user { unique.append(user) }
    return unique
  }

  /// The only node that reads this one, if it does so once and no output does.
  func onlyUser(of node: NodeID) -> NodeID? {
    guard useCount(node) == 1 else { return nil }
    var result: NodeID?
    readers.forEach(of: node) { if result == nil, reads($0, node) { result = $0 } }
    return result
  }

  private func reads(_ reader: NodeID, _ node: NodeID) -> Bool {
    isLive(reader) && graph.operands(reader).contains { resolved($0) == node }
  }

  // MARK: Writing

  /// The node `operation(operands)`: an equal one if there is one, else a new one.
  mutating func make(_ operation: Operation, _ operands: [NodeID]) -> NodeID {
    let operands = operands.map { resolved($0) }
    let type: NodeType
    do {
      type = try graph.inferType(operation, operands.map { graph.type($0) })
    } catch {
      preconditionFailure("a pass built an ill-typed node: \(error.message)")
    }
    return unique(operation, operands, type)
  }

  /// The node of this constant.
  mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape = .scalar) -> NodeID {
    unique(.constant(value), [], NodeType(element, .empty, shape))
  }

  /// A delay or an advance with the same operands and type as `node`.
  mutating func makeShift(_ operation: Operation, like node: NodeID) -> NodeID {
    unique(operation, operands(node), type(node))
  }

  /// A node that equals this one with its current operands; possibly itself.
  mutating func representative(of node: NodeID) -> NodeID {
    let operation = self.operation(node)
    // Parameters and inputs are distinguished by their names.
    if operation.isGiven { return node }
    let key = NodeKey(operation, operands(node)[...], type(node))
    if let known = equations[key].map({ resolved($0) }), !isDead[known.index] { return known }
    equations[key] = node
    return node
  }

  private mutating func unique(_ operation: Operation, _ operands: [NodeID], _ type: NodeType) -> NodeID {
    let key = NodeKey(operation, operands[...], type)
    if let known = equations[key] {
      let known = resolved(known)
      if !isDead[known.index] { return known }
    }
    let node = graph.appendUnchecked(operation, operands, type)
    replacements.append(node)
    isDead.append(false)
    useCounts.append(0)
    readers.addNode()
    for operand in operands {
      useCounts[operand.index] += 1
      readers.add(node, to: operand)
    }
    equations[key] = node
    return node
  }

  /// Replaces `node` by `other` everywhere, also in outputs. Their types must be equal.
  mutating func replace(_ node: NodeID, with other: NodeID) {
    let other = resolved(other)
    guard node != other else { return }
    precondition(
      type(node) == type(other), "\(operation(node).keyword) and its replacement differ in type")
    precondition(isLive(node), "a node is replaced twice")
    replacements[node.index] = other
    useCounts[other.index] += useCounts[node.index]
    readers.move(from: node, to: other)
    isChanged = true
    release(graph.operands(node).map { resolved($0) })
  }

  /// Removes one use from each of these nodes, and from the operands of nodes that thereby lose their last use.
  private mutating func release(_ nodes: [NodeID]) {
    var pending = nodes
    while let node = pending.popLast() {
      useCounts[node.index] -= 1
      guard useCounts[node.index] == 0, !isDead[node.index] else { continue }
      isDead[node.index] = true
      pending.append(contentsOf: graph.operands(node).map { resolved($0) })
    }
  }
}

extension Graph {
  /// The graph with its live nodes replaced, operands first, by what `rule` makes of them; nil keeps a node.
  func rewritten(_ rule: (inout GraphEditor, NodeID) -> NodeID?) -> Graph {
    var editor = GraphEditor(self)
    for node in nodes where editor.isLive(node) {
      if let replacement = rule(&editor, node) { editor.replace(node, with: replacement) }
    }
    return editor.finished()
  }
}

/// All nodes that ever read a node, as linked lists in shared arrays; two lists are joined in constant time.
private struct Readers {
  private var first: [Int32]
  private var last: [Int32]
  private var next: [Int32] = []
  private var reader: [NodeID] = []

  init(count: Int) {
    first = Array(repeating: -1, count: count)
    last = first
  }

  mutating func addNode() {
    first.append(-1)
    last.append(-1)
  }

  mutating func add(_ user: NodeID, to node: NodeID) {
    let entry = Int32(reader.count)
    reader.append(user)
    next.append(-1)
    join(entry, entry, to: node)
  }

  mutating func move(from node: NodeID, to other: NodeID) {
    guard first[node.index] >= 0 else { return }
    join(first[node.index], last[node.index], to: other)
    first[node.index] = -1
    last[node.index] = -1
  }

  private mutating func join(_ start: Int32, _ end: Int32, to node: NodeID) {
    if last[node.index] >= 0 {
      next[Int(last[node.index])] = start
    } else {
      first[node.index] = start
    }
    last[node.index] = end
  }

  func forEach(of node: NodeID, _ body: (NodeID) -> Void) {
    var entry = first[node.index]
    while entry >= 0 {
      body(reader[Int(entry)])
      entry = next[Int(entry)]
    }
  }
}
