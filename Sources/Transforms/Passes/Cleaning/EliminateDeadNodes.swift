package import EbbGraph

/// Removes nodes that no output needs. Inputs and parameters remain, so that the same bindings fit.
package struct EliminateDeadNodes: Pass {
  /// The pass.
  package init() {}
  package var name: String { "eliminate-dead-nodes" }
  package var purpose: String { "removes what no output needs" }

  package func run(_ graph: Graph) -> Graph { GraphEditor(graph).ordered() }
}
