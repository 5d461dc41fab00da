internal import EbbGraph
internal import EbbTensors

/// The nodes on a differentiable path from some nodes to others: the only ones that need an adjoint or a tangent.
struct DifferentiablePaths {
  /// For each node whether it lies on such a path; the ends count.
  private(set) var isActive: [Bool]

  /// `carries(node, position)` tells whether a derivative passes between a node and its operand at this position.
  init(_ graph: Graph, from sources: [NodeID], to targets: [NodeID], where carries: (NodeID, Int) -> Bool) {
    // Backwards from the targets, noting each edge with its operand: a linked list of uses for each node.
    var reachesTarget = [Bool](repeating: false, count: graph.count)
    var lastUse = [Int](repeating: -1, count: graph.count)
    var uses: [(user: NodeID, previous: Int)] = []
    var pending: [NodeID] = []
    func visit(_ node: NodeID, _ visited: inout [Bool]) {
      guard !visited[node.index] else { return }
      visited[node.index] = true
      pending.append(node)
    }
    for target in targets { visit(target, &reachesTarget) }
    while let node = pending.popLast() {
      for (position, operand) in graph.operands(node).enumerated() where carries(node, position) {
        uses.append((node, lastUse[operand.index]))
        lastUse[operand.index] = uses.count - 1
        visit(operand, &reachesTarget)
      }
    }
    // Forwards from the sources along the edges that were found.
    isActive = [Bool](repeating: false, count: graph.count)
    for source in sources where reachesTarget[source.index] { visit(source, &isActive) }
    while let node = pending.popLast() {
      var use = lastUse[node.index]
      while use >= 0 {
        visit(uses[use].user, &isActive)
        use = uses[use].previous
      }
    }
  }

  subscript(node: NodeID) -> Bool { isActive[node.index] }
}

extension Graph {
  /// Whether a change of the operand at this position can change the node continuously.
  func passesTangent(_ node: NodeID, _ position: Int) -> Bool {
    guard type(node).element.isFloat, type(operand(node, position)).element.isFloat else { return false }
    switch operation(node) {
    case .unary(let function): return function.isDifferentiable
    case .binary(let function): return function.isDifferentiable
    case .select: return position > 0
    case .gather, .pick, .place: return position == 0
    case .scatterAdd: return position == 1
    case .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures, .reduceAxes,
      .spread, .axisToFeature, .featureToAxis, .delay, .advance, .clipGradient:
      return true
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .compare, .argmaxFeatures,
      .argmaxAxis, .stopGradient:
      return false
    }
  }

  /// Whether an adjoint passes from the node to its operand at this position. Clipping at 0 lets none pass.
  func passesAdjoint(_ node: NodeID, _ position: Int) -> Bool {
    if case .clipGradient(.value(0)) = operation(node) { return false }
    return passesTangent(node, position)
  }

  /// The domain with the axes that index the lengths of its ragged axes.
  func closed(_ domain: Domain) -> Domain { domain.union(lengthsDomain(of: domain)) }

  /// The axes over which the node mixes or moves values of its operands, so that they cannot stand for samples there.
  func axesMixed(by node: NodeID) -> Domain {
    switch operation(node) {
    case .delay(let axis, _, _), .advance(let axis, _), .place(let axis, _), .featureToAxis(let axis): return [axis]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .spread, .axisToFeature, .stopGradient,
      .clipGradient:
      return operation(node).mixedAxes
    }
  }
}
