public import EbbGraph

/// Removes what no output needs. Inputs and parameters stay, so that the same bindings fit.
public struct EliminateDeadNodes: Pass {
  /// The pass.
  public init() {}
  public var name: String { "eliminate-dead-nodes" }
  public var purpose: String { "removes what no output needs" }

  public func run(_ graph: Graph) -> Graph { GraphEditor(graph).ordered() }
}
