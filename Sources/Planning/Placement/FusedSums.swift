internal import EbbGraph
internal import EbbTensors

/// Products that start their sums from an addend: product + y is one kernel call if nothing else reads the product.
struct FusedSums {
  /// For each such product, the sum that it computes.
  private(set) var sumOf: [NodeID: NodeID] = [:]
  /// For each such sum, the product and the addend.
  private(set) var partsOf: [NodeID: (product: NodeID, addend: NodeID)] = [:]

  init(_ kernels: KernelSelection, _ stages: Stages) {
    let graph = kernels.graph
    for node in graph.nodes where kernels.isLive(node) {
      guard case .product = kernels[node], kernels.users(node).count == 1, !kernels.isOutput(node) else { continue }
      let user = kernels.users(node)[0]
      guard graph.operation(user) == .binary(.add), kernels[user] == .elementwise,
        stages.index[user.index] == stages.index[node.index], partsOf[user] == nil
      else { continue }
      let operands = kernels.operands(user)
      guard operands[0] != operands[1] else { continue }
      let other = operands[0] == node ? operands[1] : operands[0]
      guard !kernels.isConstant(other), graph.type(other).shape.count == graph.type(user).shape.count,
        kernels.domain(user) == kernels.domain(node), graph.type(user).shape.count > 1
      else { continue }
      sumOf[node] = user
      partsOf[user] = (node, other)
    }
  }

  /// Whether a node is a sum that a product computes.
  func isSum(_ node: NodeID) -> Bool { partsOf[node] != nil }
}
