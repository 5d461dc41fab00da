package import EbbGraph

/// The values of some nodes, written once more without the marks that only a derivative sees: without clips of the
/// adjoint and without truncation.
///
/// A derivative is made of values. A clip of the adjoint of h is a part of the derivative that passes it, but not of the
/// value of h; so a derivative that reads h reads the same equations without the clip, and its own derivative is that of
/// what it computes. The first pass erases the marks and merges the two writings.
struct UnmarkedValues {
  /// For each node of the graph what stands for its value: itself where no mark lies upstream.
  private(set) var places: [NodeID]
  /// The nodes that were written again, each with its copy.
  private(set) var copies: [NodeID: NodeID] = [:]

  /// Appends the equations of these nodes, as far as they are downstream of a mark, to a graph that begins with `source`.
  init(of nodes: [NodeID], in source: Graph, to graph: inout Graph) {
    places = Array(source.nodes)
    let marks = source.nodes.filter { source.isMarked($0) }
    guard !marks.isEmpty else { return }
    let paths = DifferentiablePaths(source, from: marks, to: nodes) { source.passesTangent($0, $1) }
    var opened: [(copy: NodeID, carried: NodeID)] = []
    for node in source.nodes where paths[node] {
      if case .clipGradient = source.operation(node) {
        places[node.index] = places[source.operand(node, 0).index]
        continue
      }
      var operands = source.operands(node).map { places[$0.index] }
      let isOpen = source.operation(node).carrier != nil && source.operand(node, 0) >= node
      if isOpen { operands[0] = .open }
      let copy = graph.appendUnchecked(source.operation(node).unmarked, operands, source.type(node))
      if isOpen { opened.append((copy, source.operand(node, 0))) }
      places[node.index] = copy
      copies[node] = copy
    }
    for (copy, carried) in opened { graph.setOperand(copy, 0, to: places[carried.index]) }
  }
}

extension Graph {
  /// Appends these nodes' equations without marks and returns what stands for each: the node itself if none lies upstream.
  package mutating func appendUnmarked(_ nodes: [NodeID]) -> [NodeID] {
    let source = self
    let values = UnmarkedValues(of: nodes, in: source, to: &self)
    return nodes.map { values.places[$0.index] }
  }

  /// Whether a derivative that passes the node does more than the derivative of the node's value: clips or truncates.
  package func isMarked(_ node: NodeID) -> Bool {
    switch operation(node) {
    case .clipGradient: return true
    case .delay(_, _, let truncation): return truncation > 0
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
      .featureToAxis, .advance, .stopGradient:
      return false
    }
  }

  /// The nodes that clip or truncate the derivative of `targets` by `sources`.
  package func marks(from sources: [NodeID], to targets: [NodeID]) -> [NodeID] {
    let paths = DifferentiablePaths(self, from: sources, to: targets) { passesTangent($0, $1) }
    return nodes.filter { paths[$0] && isMarked($0) }
  }

  /// This graph with the equations that a derivative appended to it, whose reads of this graph's values are led past its
  /// marks.
  ///
  /// - Parameters:
  ///   - derived: This graph and, after its nodes, those of the derivative.
  ///   - results: Nodes of `derived`, which are given their places in the result.
  /// - Returns: The copies that were made, each by the node that it copies.
  func readingUnmarked(_ derived: Graph, _ results: inout [NodeID]) -> (graph: Graph, copies: [NodeID: NodeID]) {
    guard nodes.contains(where: { isMarked($0) }) else { return (derived, [:]) }
    let own = count
    var isRead = [Bool](repeating: false, count: own)
    for node in derived.nodes.dropFirst(own) {
      for operand in derived.operands(node) where operand.index < own { isRead[operand.index] = true }
    }
    for result in results where result.index < own { isRead[result.index] = true }
    var graph = self
    let values = UnmarkedValues(of: nodes.filter { isRead[$0.index] }, in: self, to: &graph)
    let shift = graph.count - own
    func moved(_ node: NodeID) -> NodeID {
      node.index < own ? values.places[node.index] : NodeID(node.index + shift)
    }
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
