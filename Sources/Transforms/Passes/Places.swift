internal import EbbGraph

/// Where a node is computed: in one of the recurrences, or outside all of them.
///
/// Nodes that a pass makes are outside, unless the pass says otherwise.
struct Places {
  private var places: [Int]
  private let sourceCount: Int

  init(_ graph: Graph) {
    let components = Components(graph)
    places = components.component.map { components.isCyclic[$0] ? $0 : Self.outside }
    sourceCount = places.count
  }

  static let outside = -1

  /// Setting the place of a node of the source has no effect: it is known.
  subscript(node: NodeID) -> Int {
    get { node.index < places.count ? places[node.index] : Self.outside }
    set {
      guard node.index >= sourceCount else { return }
      while places.count <= node.index { places.append(Self.outside) }
      places[node.index] = newValue
    }
  }
}
