internal import EbbGraph
internal import EbbTensors

extension KernelSelection {
  /// The slices with at most half of a recurrence's matrix that alone are read outside of the recurrence, such as the row
  /// that leaves a window of the last steps. As views they would keep the matrix of every step; as copies, made at each
  /// step, they let the recurrence keep the last one only.
  static func rowsThatLeave(_ graph: Graph) -> Set<NodeID> {
    let components = Components(graph)
    func isInside(_ node: NodeID) -> Bool { components.isCyclic[components[node]] }
    func isRow(_ node: NodeID) -> Bool {
      guard case .slice = graph.operation(node) else { return false }
      let matrix = graph.type(graph.operand(node, 0))
      return matrix.shape.rank == 2 && 2 * graph.type(node).shape.count <= matrix.shape.count
    }
    var rows: Set<NodeID> = []
    var kept = NodeSet(graph.outputs.map(\.node), count: graph.count)
    for node in graph.nodes where !isInside(node) {
      for operand in graph.operands(node) where isInside(operand) {
        if isRow(node) { rows.insert(node) } else { kept.insert(operand) }
      }
    }
    return rows.filter { !kept.contains(graph.operand($0, 0)) }
  }
}
