internal import EbbGraph

/// Where a node is computed: in one of the recurrences or outside all of them.
///
/// New nodes are outside, unless the pass specifies a recurrence.
struct RecurrenceMap {
  private var recurrences: [Int]
  private let graph: Graph
  private let components: Components

  init(_ graph: Graph) {
    self.graph = graph
    let components = Components(graph)
    self.components = components
    recurrences = components.component.map { components.isCyclic[$0] ? $0 : Self.outside }
  }

  static let outside = -1

  /// Setting the recurrence of a source node has no effect: it is fixed.
  subscript(node: NodeID) -> Int {
    get { node.index < recurrences.count ? recurrences[node.index] : Self.outside }
    set {
      guard node.index >= graph.count else { return }
      while recurrences.count <= node.index { recurrences.append(Self.outside) }
      recurrences[node.index] = newValue
    }
  }

  /// The depth of a node below the nodes that a pass counts. If two counted nodes have the same level and both lie
  /// outside all recurrences, neither depends on the other; if they lie in one recurrence, neither waits for the other
  /// within a step. So all groups of nodes with equal levels can be merged at once, without cycles.
  struct Level: Hashable {
    /// The largest number of components with counted nodes on a path to the node's own.
    let outer: Int32
    /// The largest number of counted nodes on a path to the node within a step.
    let inner: Int32
  }

  /// The level of each node.
  func levels(counting counts: (NodeID) -> Bool) -> [Level] {
    var outer = [Int32](repeating: 0, count: components.members.count)
    var below = outer
    for (component, members) in components.members.enumerated() {
      for node in members {
        for operand in graph.operands(node) where components[operand] != component {
          below[component] = max(below[component], outer[components[operand]])
        }
      }
      outer[component] = below[component] + (members.contains(where: counts) ? 1 : 0)
    }
    var inner = [Int32](repeating: 0, count: graph.count)
    for node in graph.nodes {
      let deepest = graph.uncarriedOperands(node).reduce(Int32(0)) { max($0, inner[$1.index]) }
      inner[node.index] = deepest + (counts(node) ? 1 : 0)
    }
    return graph.nodes.map { Level(outer: below[components[$0]], inner: inner[$0.index]) }
  }
}
