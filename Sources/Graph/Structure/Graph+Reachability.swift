/// The nodes that a value depends on, and the nodes that depend on it.
extension Graph {
  /// These nodes and all that they depend on.
  ///
  /// - Parameter counts: Which edges count, each from a node to its operand at a position; by default all, including
  ///   those through delays and advances.
  package func ancestors(
    of nodes: some Sequence<NodeID>, where counts: (NodeID, Int) -> Bool = { _, _ in true }
  ) -> NodeSet {
    reached(from: nodes) { node, visit in
      for (position, operand) in operands(node).enumerated() where counts(node, position) { visit(operand) }
    }
  }

  /// These nodes and all that depend on them, also through delays and advances.
  package func descendants(of nodes: some Sequence<NodeID>) -> NodeSet { descendants(of: nodes, by: Readers(self)) }

  /// These nodes and all that depend on them through edges that `readers` contains.
  package func descendants(of nodes: some Sequence<NodeID>, by readers: Readers) -> NodeSet {
    reached(from: nodes) { node, visit in for reader in readers[node] { visit(reader) } }
  }

  /// The nodes on paths of dependence from some nodes to others, with their ends.
  ///
  /// - Parameter counts: Which edges the paths may take, each from a node to its operand at a position.
  package func paths(
    from sources: some Sequence<NodeID>, to targets: some Sequence<NodeID>, where counts: (NodeID, Int) -> Bool
  ) -> NodeSet {
    let before = ancestors(of: targets, where: counts)
    let readers = Readers(self) { before.contains($0) && counts($0, $1) }
    return descendants(of: sources.filter(before.contains), by: readers)
  }

  private func reached(
    from nodes: some Sequence<NodeID>, along forEachNext: (NodeID, (NodeID) -> Void) -> Void
  ) -> NodeSet {
    var found = NodeSet(count: count)
    var pending: [NodeID] = []
    func visit(_ node: NodeID) { if node != .open, found.insert(node) { pending.append(node) } }
    for node in nodes { visit(node) }
    while let node = pending.popLast() { forEachNext(node, visit) }
    return found
  }
}
