public import EbbGraph
internal import EbbTensors

extension Graph {
  /// Appends the tangents of `nodes` when other nodes change along given directions: forward mode, a Jacobian–vector
  /// product. Returns their nodes.
  ///
  /// - Parameters:
  ///   - nodes: Float nodes anywhere in the graph.
  ///   - directions: For each perturbed float node its tangent, of the node's type. Further axes hold several
  ///     directions: an axis of probes gives that many columns of the Jacobian. The direction of a computed node is
  ///     added to the tangent that its operands give it.
  /// - Returns: Tangents, each of its node's type, with the axes that the directions add.
  /// - Throws: `GraphError` if a node is not a float, a direction does not fit its node, or an operation in between
  ///   mixes an axis that a direction adds.
  ///
  /// `stopGradient` stops a tangent. Clipping and truncation act on adjoints only: tangents pass unchanged, and so do
  /// adjoints of tangents.
  public mutating func tangent(of nodes: [NodeID], along directions: [NodeID: NodeID]) throws(GraphError) -> [NodeID] {
    var problems: [GraphProblem] = []
    func exists(_ node: NodeID) -> Bool { node.index >= 0 && node.index < count }
    for node in nodes + directions.keys.sorted() where !exists(node) || !type(node).element.isFloat {
      problems.append(GraphProblem(node: node, "\(label(node)) is no float node of the graph: it has no tangent"))
    }
    for (node, direction) in directions.sorted(by: { $0.key < $1.key }) where exists(node) {
      guard exists(direction), type(direction).element == type(node).element,
        type(direction).shape == type(node).shape, type(node).domain.isSubset(of: type(direction).domain)
      else {
        problems.append(
          GraphProblem(
            node: node,
            "the direction of \(label(node)) must have its type, \(type(node).element.name) "
              + "\(names(of: type(node).domain)) \(type(node).shape), or further axes"))
        continue
      }
    }
    guard problems.isEmpty else { throw GraphError(problems) }
    var mode = try ForwardMode(self, of: nodes, along: directions)
    mode.run()
    let loose = mode.looseShifts()
    if !loose.isEmpty {
      mode = try ForwardMode(self, of: nodes, along: directions, anchoring: loose)
      mode.run()
    }
    var tangents = nodes.map { mode.result(for: $0) }
    self = mode.forward.readingUnmarked(mode.graph, &tangents).graph
    return tangents
  }
}

/// One forward sweep: tangents of the nodes on paths from the perturbed nodes to the requested ones, in the nodes'
/// order.
///
/// A tangent has its node's features, its node's axes, and the axes that the directions add.
struct ForwardMode: GraphWriter {
  let forward: Graph
  var graph: Graph
  var constants: ConstantPool

  private let directions: [NodeID: NodeID]
  private let added: Domain
  private let paths: NodeSet
  private var tangents: [NodeID?]
  /// The delays and advances whose carried tangent comes after them, by their node in the forward graph.
  private var opened: [(shift: NodeID, tangent: NodeID)] = []
  /// The shifts whose tangents get their axes from their boundary, because their carried operands do not have them.
  private let anchored: Set<NodeID>

  init(
    _ graph: Graph, of nodes: [NodeID], along directions: [NodeID: NodeID], anchoring anchored: Set<NodeID> = []
  ) throws(GraphError) {
    self.anchored = anchored
    forward = graph
    self.graph = graph
    self.directions = directions
    constants = ConstantPool(of: graph)
    added = directions.reduce(Domain.empty) { axes, pair in
      axes.union(graph.type(pair.value).domain.subtracting(graph.type(pair.key).domain))
    }
    paths = graph.paths(from: directions.keys, to: nodes, where: graph.passesTangent)
    tangents = Array(repeating: nil, count: graph.count)
    try checkAddedAxes()
    try checkDeclaredGradients()
  }

  /// The positions of the operands with a tangent that reaches the node.
  private func movingPositions(of node: NodeID) -> [Int] {
    forward.operands(node).enumerated().compactMap { position, operand in
      paths.contains(operand) && forward.passesTangent(node, position) ? position : nil
    }
  }

  private func tangentDomain(_ node: NodeID) -> Domain { forward.type(node).domain.union(added) }

  /// Directions stay separate only if no operation mixes them.
  private func checkAddedAxes() throws(GraphError) {
    var problems: [GraphProblem] = []
    for node in paths {
      let mixed = forward.operation(node).linkedAxes.intersection(added)
      guard !mixed.isEmpty, !movingPositions(of: node).isEmpty else { continue }
      problems.append(
        GraphProblem(
          node: node,
          "\(forward.label(node)) = \(forward.operation(node).keyword) mixes the values along "
            + "\(forward.names(of: mixed)), over which the directions are many"))
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  /// A declared gradient has a tangent only if its equations multiply each feature of the adjoint by a factor: such a
  /// map is its own transpose.
  private func checkDeclaredGradients() throws(GraphError) {
    var problems: [GraphProblem] = []
    for node in paths where forward.operation(node) == .declaredGradient {
      for position in movingPositions(of: node) where !forward.isDeclaredFactor(node, position) {
        problems.append(
          GraphProblem(
            node: node,
            "the declared gradient of \(forward.label(node)) is not a factor for each feature of the adjoint: it has no "
              + "tangent, only an adjoint"))
      }
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  // MARK: The sweep

  mutating func run() {
    for node in paths {
      let moving = movingPositions(of: node)
      let propagated = moving.isEmpty ? nil : fitted(pushForward(node, moving), to: node)
      let direction = directions[node].map { spread($0, to: tangentDomain(node)) }
      switch (propagated, direction) {
      case (let value?, let direction?): tangents[node.index] = add(value, direction)
      case (let value?, nil): tangents[node.index] = value
      case (nil, let direction?): tangents[node.index] = direction
      case (nil, nil): preconditionFailure("\(forward.label(node)) is on a path, but nothing moves it")
      }
    }
    for (shift, tangent) in opened {
      guard let carried = tangents[forward.operand(shift, 0).index] else {
        preconditionFailure("the tangent of \(forward.label(shift)) was opened and never closed")
      }
      graph.setOperand(tangent, 0, to: carried)
    }
  }

  /// The shifts whose tangents have axes only because the tangents that they carry have them.
  ///
  /// A state has the axes of its inputs. If the inputs have no tangents, only the state's own tangent brings these axes
  /// to its equation. Such axes are not part of the least fixpoint by which domains are inferred.
  func looseShifts() -> Set<NodeID> {
    guard !opened.isEmpty else { return [] }
    var settled = graph
    do {
      try settled.inferDomains()
    } catch {
      // An equation lacks an axis that it needs, for example a pick along it.
      return Set(opened.map(\.shift))
    }
    return Set(opened.filter { settled.type($0.tangent) != graph.type($0.tangent) }.map(\.shift))
  }

  /// The requested tangent: zeros if nothing perturbs the node.
  mutating func result(for node: NodeID) -> NodeID {
    let type = forward.type(node)
    return tangents[node.index] ?? zeros(NodeType(type.element, tangentDomain(node), type.shape))
  }

  /// A value broadcast over the features and axes that it lacks compared to a node's tangent.
  private mutating func fitted(_ value: NodeID, to node: NodeID) -> NodeID {
    spread(repeated(value, to: forward.type(node).shape), to: tangentDomain(node))
  }

  // MARK: Queries of the rules

  /// The tangent of an operand that has one.
  func tangent(_ node: NodeID, _ position: Int) -> NodeID {
    guard let tangent = tangents[forward.operand(node, position).index] else {
      preconditionFailure("the tangent of an operand of \(forward.label(node)) is read before it is known")
    }
    return tangent
  }

  /// The tangent of an operand, or zeros if it has none.
  mutating func tangentOrZeros(_ node: NodeID, _ position: Int, _ moving: [Int]) -> NodeID {
    moving.contains(position) ? tangent(node, position) : zeros(forward.type(forward.operand(node, position)))
  }

  /// The tangent of a delay or an advance: the same shift of its operands' tangents, without truncation.
  mutating func tangentOfShift(_ node: NodeID, _ moving: [Int]) -> NodeID {
    let operation = forward.operation(node).unmarked
    var boundary = tangentOrZeros(node, 1, moving)
    if anchored.contains(node), let axis = operation.shift?.axis {
      boundary = spread(boundary, to: tangentDomain(node).removing(axis))
    }
    guard moving.contains(0), tangents[forward.operand(node, 0).index] == nil else {
      return graph.append(operation, [tangentOrZeros(node, 0, moving), boundary])
    }
    let type = forward.type(node)
    let tangent = graph.appendUnchecked(
      operation, [.open, boundary], NodeType(type.element, tangentDomain(node), type.shape))
    opened.append((node, tangent))
    return tangent
  }
}
