internal import EbbGraph

/// Cheap work, moved to where its results are read.
extension Placement {
  /// Moves cheap work that only one sweep reads into that sweep, so that its values never reach memory. Does the same
  /// for cheap work that only one later stage reads, if that keeps at most one more value until that stage.
  func sinking() -> Placement {
    var result = self
    for node in kernels.graph.nodes.reversed() where kernels.isLive(node) {
      guard let target = result.readingStage(node) else { continue }
      result.move(node, to: target.stage, phase: target.phase)
    }
    return result
  }

  /// The stage into which a node sinks, and its phase there if the stage is not a sweep.
  private func readingStage(_ node: NodeID) -> (stage: Int, phase: Phase?)? {
    guard sweep(node) == nil, kernels.canonical(node) == node, !fused.isSum(node), !kernels.isOutput(node) else {
      return nil
    }
    switch kernels[node] {
    case .elementwise, .reduceRows, .join, .view: break
    case .general:
      // A history is kept from step to step: a whole one has an entry for every pair of steps.
      guard case .history = kernels.graph.operation(node) else { return nil }
    case .strided:
      // v kᵀ of each sample: as many products as numbers.
      guard case .product(.outer, over: .empty) = kernels.graph.operation(node) else { return nil }
    case .leaf, .constant, .shift, .assembled, .build, .product, .outer, .sumColumns: return nil
    }
    if case .pick = kernels.graph.operation(node) { return nil }
    let users = kernels.users(node)
    guard let target = users.first.map({ stage($0) }),
      users.allSatisfy({ stage($0) == target && kernels[$0] != .shift && !readsOtherSteps($0) })
    else { return nil }
    if let sweep = stages.list[target].sweep {
      let domain = kernels.graph.type(node).domain
      return sweep.axes.isSubset(of: domain) && kernels.domain(node) == domain ? (target, nil) : nil
    }
    guard kernels[node] == .elementwise, kernels.hasRows(node), users.allSatisfy({ kernels[$0] == .elementwise }),
      kernels.operands(node).filter({ !isKept($0, until: target) }).count <= 1
    else { return nil }
    return (target, users.map { phases[$0] }.min())
  }

  /// Whether a node reads other steps than its own, which a sweep may not have computed.
  private func readsOtherSteps(_ node: NodeID) -> Bool { kernels.graph.operation(node).historyAxes != nil }

  /// Whether a node's numbers are in memory when a stage runs, in any case.
  private func isKept(_ node: NodeID, until target: Int) -> Bool {
    switch kernels[node] {
    case .leaf, .constant: true
    case .view, .elementwise, .shift, .join, .assembled, .build, .product, .outer, .reduceRows, .sumColumns, .strided,
      .general:
      kernels.features(node) == 1 || kernels.isOutput(node)
        || kernels.users(node).contains { stages[$0].level >= stages.list[target].level }
    }
  }
}
