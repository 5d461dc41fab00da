internal import EbbTensors

extension Graph {
  /// Appends ‖x‖₂ over all features of these nodes together, at each index of their axes; there must be at least one
  /// node.
  package mutating func appendNorm(of nodes: [NodeID]) -> NodeID {
    let vectors = nodes.map { node in
      type(node).shape.rank == 1 ? node : append(.reshape([type(node).shape.count]), [node])
    }
    let all = vectors.count == 1 ? vectors[0] : append(.concatenate(dimension: 0), vectors)
    return append(.reduceFeatures(.norm, dimension: 0), [all])
  }

  /// Appends ‖x‖₂ over all features.
  package mutating func appendNorm(of node: NodeID) -> NodeID { appendNorm(of: [node]) }
}
