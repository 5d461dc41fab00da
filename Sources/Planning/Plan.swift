public import EbbGraph

/// How a graph is executed, for any lengths of its axes: stages of instructions over values in memory.
///
/// A plan is structure only. Offsets, sizes and grain are computed when the lengths are bound.
public struct Plan: Sendable {
  public let graph: Graph
  public let stages: [Stage]
  public let values: [Value]
  public let weights: [PackedWeights]
  /// How each stored node is read.
  public let views: [NodeID: View]
  /// The node whose memory a node reads: itself, or what an identity, a reshape or a spread stands for.
  public let canonical: [NodeID]
  /// How often time has turned before each node: even turns run from the first step to the last, odd ones back.
  public let turns: [Int]
  /// Rows of a sum's chunk, at most; nil for the standard. Tests make it small, so that short sequences have chunks.
  package var sumChunkRows: Int?

  /// Plans a verified graph.
  public init(_ graph: Graph) {
    var planner = Planner(graph)
    planner.plan()
    self.graph = graph
    stages = planner.finished
    values = planner.values
    weights = planner.weights
    views = planner.views
    canonical = planner.roles.canonical
    let staging = planner.staging
    turns = graph.nodes.map { staging.turn($0) }
  }

  /// Whether a sum adds its steps from the last to the first, as a backward sweep gives them.
  public func isDescending(_ sum: Instruction) -> Bool {
    switch sum {
    case .outer(let node, _, _), .sumColumns(let node, _): turns[node.index] % 2 == 1
    case .program, .product, .reduceRows, .pack, .assemble, .copy, .boundary, .general: false
    }
  }
}
