/// For each node of a graph the nodes that read it, in ascending order; a node that reads it twice is listed twice.
package struct Readers: Sendable {
  /// The readers of all nodes in one array, and where each node's readers end.
  private var pool: [NodeID]
  private var ends: [Int]

  /// - Parameter counts: Which edges count, each from a node to its operand at a position.
  package init(_ graph: Graph, where counts: (NodeID, Int) -> Bool = { _, _ in true }) {
    var ends = [Int](repeating: 0, count: graph.count)
    forEachEdge(of: graph, where: counts) { _, operand in ends[operand.index] += 1 }
    // First the start of each node's readers; filling them in moves it to their end.
    var start = 0
    for index in ends.indices {
      let count = ends[index]
      ends[index] = start
      start += count
    }
    var pool = [NodeID](repeating: .open, count: start)
    forEachEdge(of: graph, where: counts) { reader, operand in
      pool[ends[operand.index]] = reader
      ends[operand.index] += 1
    }
    (self.pool, self.ends) = (pool, ends)
  }

  package subscript(node: NodeID) -> ArraySlice<NodeID> {
    pool[(node.index == 0 ? 0 : ends[node.index - 1])..<ends[node.index]]
  }
}

private func forEachEdge(of graph: Graph, where counts: (NodeID, Int) -> Bool, _ body: (NodeID, NodeID) -> Void) {
  for node in graph.nodes {
    for (position, operand) in graph.operands(node).enumerated() where operand != .open && counts(node, position) {
      body(node, operand)
    }
  }
}
