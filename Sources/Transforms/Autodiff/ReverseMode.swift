internal import EbbGraph
internal import EbbTensors

/// One reverse sweep: adjoints of the nodes on paths from `sources` to the loss, in the reverse order of the nodes.
///
/// **Order.** A node's adjoint is the sum of the contributions of its uses. Uses come later in the graph, so in reverse
/// order every sum is complete when its node is reached, except that a delay may read a later node. Its contribution is
/// an advance of an adjoint that is not known yet: the advance is opened when the carried node is reached and closed
/// when the delay's own adjoint is complete. So a recurrence forward in time becomes one backward in time.
///
/// **Domains.** An adjoint has its node's features and its node's axes, with two additions: the axes that the caller
/// keeps, and the rows of a ragged axis. Each row reads a value over ragged time alone, such as an embedding of
/// positions, only up to the row's length. So inside the sweep its adjoint is kept for each row, and sums over time
/// range over the right steps.
struct ReverseMode: GraphWriter {
  let forward: Graph
  var graph: Graph
  var constants: ConstantPool
  private(set) var clips: [ClipRecord] = []

  private let loss: NodeID
  private let keeping: Domain
  private let cut: Set<NodeID>
  private let held: Domain
  private let paths: NodeSet
  private var contributions: [[Contribution]]
  private var adjoints: [NodeID?]
  /// The advance (or delay) that propagates back the adjoint of a shift which reads a later node.
  private var opened: [NodeID: NodeID] = [:]
  /// The shifts that read each node from an earlier position.
  private var earlierReaders: [NodeID: [NodeID]] = [:]

  /// The contribution of one use of a node to its adjoint.
  private enum Contribution {
    case whole(NodeID)
    /// To the entries from `start` of one feature dimension.
    case part(NodeID, dimension: Int, start: Int)
  }

  /// - Parameters:
  ///   - cut: The delays and advances whose carried operands are constants.
  ///   - held: The axes along which all delays and advances are constants.
  init(
    _ forward: Graph, appendingTo graph: Graph, of loss: NodeID, withRespectTo sources: [NodeID], keeping: Domain,
    cutting cut: Set<NodeID>, holding held: Domain = .empty
  ) throws(GraphError) {
    self.forward = forward
    self.graph = graph
    self.loss = loss
    self.keeping = keeping
    self.cut = cut
    self.held = held
    constants = ConstantPool(of: graph)
    paths = forward.paths(from: sources, to: [loss]) { node, position in
      forward.passesAdjoint(node, position) && !Self.isCut(node, position, in: forward, cut, held)
    }
    contributions = Array(repeating: [], count: forward.count)
    adjoints = Array(repeating: nil, count: forward.count)
    for node in paths where forward.operation(node).shift != nil {
      let carried = forward.operand(node, 0)
      if carried >= node, receives(carried, from: node, at: 0) { earlierReaders[carried, default: []].append(node) }
    }
    try checkKeptAxes()
    try checkPicks()
  }

  /// Whether the operand at this position gets an adjoint from the node.
  func receives(_ operand: NodeID, from node: NodeID, at position: Int) -> Bool {
    operand != .open && paths.contains(operand) && forward.passesAdjoint(node, position)
      && !Self.isCut(node, position, in: forward, cut, held)
  }

  private static func isCut(
    _ node: NodeID, _ position: Int, in forward: Graph, _ cut: Set<NodeID>, _ held: Domain
  ) -> Bool {
    if position == 0, cut.contains(node) { return true }
    guard !held.isEmpty, let axis = forward.operation(node).shift?.axis else { return false }
    return held.contains(axis)
  }

  /// The domain of a node's adjoint.
  func adjointDomain(_ node: NodeID) -> Domain { forward.closed(forward.type(node).domain.union(keeping)) }

  /// Samples have separate gradients only if no operation mixes them.
  private func checkKeptAxes() throws(GraphError) {
    var problems: [GraphProblem] = []
    for node in paths {
      let mixed = forward.operation(node).linkedAxes
      guard !mixed.isEmpty else { continue }
      for (position, operand) in forward.operands(node).enumerated() where receives(operand, from: node, at: position) {
        let kept = mixed.intersection(keeping)
        if !kept.isEmpty {
          problems.append(
            GraphProblem(
              node: node,
              "\(forward.label(node)) = \(forward.operation(node).keyword) mixes the values along "
                + "\(forward.names(of: kept)): the gradients of its entries cannot be kept apart"))
          break
        }
      }
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  /// A row is picked by an index over a ragged axis that lacks the rows: at steps beyond the end of that row too. Its
  /// adjoint would be a sum over such steps, which no value has.
  private func checkPicks() throws(GraphError) {
    var problems: [GraphProblem] = []
    for node in paths {
      guard case .pick(let axis, .at) = forward.operation(node), receives(forward.operand(node, 0), from: node, at: 0),
        case let added = forward.type(node).domain.subtracting(forward.type(forward.operand(node, 0)).domain),
        forward.closed(added).contains(axis)
      else { continue }
      let rows = forward.names(of: [axis])
      problems.append(
        GraphProblem(
          node: node,
          "\(forward.label(node)) picks along \(rows) at an index over \(forward.names(of: added)), "
            + "which is ragged over \(rows): it has no gradient; let the index be over \(rows) too"))
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  // MARK: The sweep

  mutating func run() {
    guard paths.contains(loss) else { return }
    // dL/dL = 1 at each index of the loss.
    let one = constant(1, like: loss)
    contributions[loss.index].append(.whole(spread(one, to: adjointDomain(loss))))
    for node in forward.nodes.reversed() where paths.contains(node) {
      for shift in earlierReaders[node] ?? [] { open(shift) }
      let adjoint = passedOn(node, total(of: node))
      adjoints[node.index] = adjoint
      if let shift = opened[node] { graph.setOperand(shift, 0, to: adjoint) }
      pullBack(node, adjoint)
    }
  }

  /// The adjoint that propagates further from a node and is its result: the sum of its uses' contributions, clipped if
  /// the node clips.
  private mutating func passedOn(_ node: NodeID, _ total: NodeID) -> NodeID {
    guard case .clipGradient(let clip) = forward.operation(node) else { return total }
    let record = clipped(total, clip, node: node)
    clips.append(record)
    return record.after
  }

  /// The requested adjoint: without rows that its node lacks, and zero if the node does not reach the loss.
  mutating func result(for node: NodeID) -> NodeID {
    let type = forward.type(node)
    let domain = type.domain.union(keeping)
    guard let adjoint = adjoints[node.index] else { return zeros(NodeType(type.element, domain, type.shape)) }
    return summed(adjoint, over: self.domain(adjoint).subtracting(domain))
  }

  /// Opens the backward propagation of the adjoint of a delay or advance that reads a later node.
  private mutating func open(_ shift: NodeID) {
    let type = forward.type(shift)
    let operation = mirrored(shift)
    let boundary = zeroBoundary(of: shift)
    let node = graph.appendUnchecked(
      operation, [.open, boundary], NodeType(type.element, adjointDomain(shift), type.shape))
    opened[shift] = node
    add(truncated(node, shift), to: forward.operand(shift, 0))
  }

  /// Whether an open shift propagates the carried operand's share of this shift's adjoint.
  func isOpened(_ shift: NodeID) -> Bool { opened[shift] != nil }

  // MARK: Sums

  /// Adds to a node's adjoint a value that may have more or fewer features and axes than the node.
  ///
  /// If the node was broadcast there are more, and they are summed. If the node was summed there are fewer, and the
  /// value is broadcast.
  mutating func add(_ value: NodeID, to node: NodeID) {
    contributions[node.index].append(.whole(fitted(value, to: node)))
  }

  /// Adds to the entries from `start` of one feature dimension of a node's adjoint.
  mutating func add(_ value: NodeID, to node: NodeID, dimension: Int, start: Int) {
    contributions[node.index].append(.part(fitted(value, toAxesOf: node), dimension: dimension, start: start))
  }

  private mutating func fitted(_ value: NodeID, to node: NodeID) -> NodeID {
    let expected = forward.type(node).shape
    let sum = expected == .scalar ? summedOverFeatures(value) : value
    return repeated(fitted(sum, toAxesOf: node), to: expected)
  }

  private mutating func fitted(_ value: NodeID, toAxesOf node: NodeID) -> NodeID {
    let expected = adjointDomain(node)
    let sum = summed(value, over: domain(value).subtracting(expected))
    let result = spread(sum, to: expected)
    precondition(
      domain(result) == expected,
      "the adjoint of \(forward.label(node)) is over \(graph.names(of: domain(result))), not its node's axes")
    return result
  }

  /// The sum of a node's contributions, in the order in which they arrived.
  private mutating func total(of node: NodeID) -> NodeID {
    var sum: NodeID?
    var parts: [(node: NodeID, dimension: Int, start: Int)] = []
    for contribution in contributions[node.index] {
      switch contribution {
      case .whole(let value): sum = sum.map { add($0, value) } ?? value
      case .part(let value, let dimension, let start): parts.append((value, dimension, start))
      }
    }
    contributions[node.index] = []
    for value in joined(parts, shape: forward.type(node).shape) { sum = sum.map { add($0, value) } ?? value }
    guard let sum else { preconditionFailure("\(forward.label(node)) reaches the loss, but no use sent an adjoint") }
    return sum
  }

  /// Adjoints of slices, as values of the whole shape.
  ///
  /// Adjacent slices, such as the gates of one product, are concatenated; a slice that is alone or overlaps others is
  /// padded with zeros.
  private mutating func joined(_ parts: [(node: NodeID, dimension: Int, start: Int)], shape: Shape) -> [NodeID] {
    guard let first = parts.first else { return [] }
    let sorted = parts.sorted { $0.start < $1.start }
    func end(_ part: (node: NodeID, dimension: Int, start: Int)) -> Int {
      part.start + self.shape(part.node)[part.dimension]
    }
    let areDisjoint =
      parts.allSatisfy { $0.dimension == first.dimension }
      && zip(sorted, sorted.dropFirst()).allSatisfy { end($0) <= $1.start }
    guard parts.count > 1, areDisjoint else {
      return parts.map { part in
        let after = shape[part.dimension] - end(part)
        guard part.start > 0 || after > 0 else { return part.node }
        return graph.append(.pad(dimension: part.dimension, before: part.start, after: after), [part.node])
      }
    }
    var pieces: [NodeID] = []
    var position = 0
    func zeros(_ count: Int) -> NodeID {
      constant(0, element(first.node), shape.replacing(first.dimension, with: count))
    }
    for part in sorted {
      if part.start > position { pieces.append(zeros(part.start - position)) }
      pieces.append(part.node)
      position = end(part)
    }
    if position < shape[first.dimension] { pieces.append(zeros(shape[first.dimension] - position)) }
    return [graph.append(.concatenate(dimension: first.dimension), pieces)]
  }
}
