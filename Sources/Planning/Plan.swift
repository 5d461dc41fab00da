public import EbbGraph

/// How a graph is executed, for any lengths of its axes: stages of instructions over values in memory.
///
/// A plan is structure only. Offsets, sizes and grain are computed when the lengths are bound.
public struct Plan: Sendable {
  public let graph: Graph
  public internal(set) var stages: [Stage]
  public internal(set) var values: [Value]
  public internal(set) var weights: [PackedWeights]
  /// How each stored node is read.
  public internal(set) var views: [NodeID: View]
  /// Rows-shaped copies of vectors without axes, and copies in another width: (node, value).
  public internal(set) var canonical: [NodeID]

  /// Plans a verified graph.
  public init(_ graph: Graph) {
    self.graph = graph
    stages = []
    values = []
    weights = []
    views = [:]
    canonical = []
    var planner = Planner(graph)
    planner.plan()
    stages = planner.finished
    values = planner.values
    weights = planner.weights
    views = planner.views
    canonical = planner.roles.canonical
  }
}
