/// Some of the nodes of a graph: a bit for each, so that asking and adding take constant time.
package struct NodeSet: Sendable, Hashable {
  private var isMember: [Bool]

  /// No node of a graph with this many.
  package init(count: Int) { isMember = Array(repeating: false, count: count) }

  package init(_ nodes: some Sequence<NodeID>, count: Int) {
    self.init(count: count)
    for node in nodes { insert(node) }
  }

  /// Nodes that are appended to the graph later are not in the set, until they are added.
  package func contains(_ node: NodeID) -> Bool { node.index < isMember.count && isMember[node.index] }

  /// Adds a node; whether it was not there before.
  @discardableResult
  package mutating func insert(_ node: NodeID) -> Bool {
    if node.index >= isMember.count {
      isMember += repeatElement(false, count: node.index + 1 - isMember.count)
    }
    defer { isMember[node.index] = true }
    return !isMember[node.index]
  }
}

extension NodeSet: Sequence {
  /// The nodes in ascending order.
  package func makeIterator() -> some IteratorProtocol<NodeID> {
    isMember.indices.lazy.filter { isMember[$0] }.map { NodeID($0) }.makeIterator()
  }
}
