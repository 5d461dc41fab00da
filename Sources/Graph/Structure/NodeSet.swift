/// A set of nodes of a graph, as one flag per node: lookup and insertion take constant time.
package struct NodeSet: Sendable, Hashable {
  private var isMember: [Bool]

  /// The empty set, for a graph with this many nodes.
  package init(count: Int) { isMember = Array(repeating: false, count: count) }

  package init(_ nodes: some Sequence<NodeID>, count: Int) {
    self.init(count: count)
    for node in nodes { insert(node) }
  }

  /// Nodes appended to the graph later are not in the set until they are inserted.
  package func contains(_ node: NodeID) -> Bool { node.index < isMember.count && isMember[node.index] }

  /// Adds a node; returns whether it was not in the set before.
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
