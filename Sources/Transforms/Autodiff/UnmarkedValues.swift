package import EbbGraph

/// Copies of some nodes' values without the marks that affect only derivatives: clips of the adjoint and truncation.
///
/// A derivative reads values. A clip of the adjoint of h is part of any derivative that passes through it, but not of
/// the value of h. So a derivative that reads h reads a copy of its equations without the clip; differentiating it
/// again then gives the derivative of the function that it computes. The first pass erases the marks and merges the
/// copies.
struct UnmarkedValues {
  private var copy: GraphCopy
  /// The nodes that were copied, each with its copy.
  private(set) var copies: [NodeID: NodeID] = [:]

  /// Appends copies of these nodes' equations to the graph, as far as they are downstream of a mark.
  init(of nodes: [NodeID], in source: Graph) {
    copy = GraphCopy(within: source)
    let marks = source.nodes.filter { source.isMarked($0) }
    guard !marks.isEmpty else { return }
    // Of a declared gradient its equations are copied too: they read values.
    let carries = { source.passesTangent($0, $1) || source.operation($0) == .declaredGradient && $1 % 2 == 1 }
    for node in source.paths(from: marks, to: nodes, where: carries) {
      if case .clipGradient = source.operation(node) {
        copy.put(copy[source.operand(node, 0)], for: node)
      } else {
        copies[node] = copy.append(node, as: source.operation(node).unmarked, keepsName: false)
      }
    }
    copy.close()
  }

  /// The graph with the copies.
  var graph: Graph { copy.graph }

  /// The substitute for a node's value: the node itself if no mark lies upstream.
  subscript(node: NodeID) -> NodeID { copy[node] }
}

extension Graph {
  /// Appends these nodes' equations without marks and returns a substitute for each: the node itself if no mark lies
  /// upstream.
  package mutating func appendUnmarked(_ nodes: [NodeID]) -> [NodeID] {
    let values = UnmarkedValues(of: nodes, in: self)
    self = values.graph
    return nodes.map { values[$0] }
  }

  /// Whether the derivative through the node is not just the derivative of its value: whether it clips or truncates.
  package func isMarked(_ node: NodeID) -> Bool {
    if case .clipGradient = operation(node) { return true }
    if case .delay(_, _, let truncation) = operation(node) { return truncation > 0 }
    return false
  }

  /// The nodes that clip or truncate the derivative of `targets` with respect to `sources`.
  package func marks(from sources: [NodeID], to targets: [NodeID]) -> [NodeID] {
    paths(from: sources, to: targets, where: passesTangent).filter(isMarked)
  }

  /// This graph with the equations that a derivative appended to it. They read this graph's values through copies
  /// without marks.
  ///
  /// - Parameters:
  ///   - derived: This graph, followed by the nodes of the derivative.
  ///   - results: Nodes of `derived`, updated to their places in the result.
  /// - Returns: The copies, by the nodes that they copy.
  func readingUnmarked(_ derived: Graph, _ results: inout [NodeID]) -> (graph: Graph, copies: [NodeID: NodeID]) {
    guard nodes.contains(where: { isMarked($0) }) else { return (derived, [:]) }
    let own = count
    var isRead = [Bool](repeating: false, count: own)
    for node in derived.nodes.dropFirst(own) {
      for operand in derived.operands(node) where operand.index < own { isRead[operand.index] = true }
    }
    for result in results where result.index < own { isRead[result.index] = true }
    let values = UnmarkedValues(of: nodes.filter { isRead[$0.index] }, in: self)
    var graph = values.graph
    let shift = graph.count - own
    func moved(_ node: NodeID) -> NodeID { node.index < own ? values[node] : NodeID(node.index + shift) }
    for node in derived.nodes.dropFirst(own) {
      graph.appendUnchecked(derived.operation(node), derived.operands(node).map(moved), derived.type(node))
    }
    results = results.map(moved)
    return (graph, values.copies)
  }
}

extension Operation {
  /// The operation without truncation.
  var unmarked: Operation {
    if case .delay(let axis, let by, _) = self { return .delay(axis, by: by, truncation: 0) }
    return self
  }
}
