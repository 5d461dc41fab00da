internal import EbbGraph
internal import EbbTensors

/// Sums over all indices that a backward sweep keeps while it runs.
///
///     Σ_{t, b} x = Σ_b a_b,    a_b = Σ_t x_{t, b}
///
/// Each step adds x to one running sum for each row, so x need not be written for every step and read again when the
/// sweep is done. A gain and a bias of a normalisation, a peephole: each of their gradients is such a sum. Where x is a
/// product with what the sweep has just computed, its work *rises* into the sweep.
///
/// Only of sweeps that run back: what runs forward may run again under a memory budget.
struct RunningSums {
  private let roles: Roles
  private let staging: Staging
  /// The sums, for now without regard to who else reads what they add.
  private let candidates: Set<NodeID>

  init(_ roles: Roles, _ staging: Staging) {
    self.roles = roles
    self.staging = staging
    let graph = roles.graph
    guard staging.stages.contains(where: { $0.sweep != nil }) else {
      candidates = []
      return
    }
    candidates = Set(
      graph.nodes.filter { sum in
        guard roles.isLive(sum), roles[sum] == .sumColumns else { return false }
        let added = roles.operands(sum)[0]
        let axes = graph.operation(sum).mixedAxes
        guard roles[added] == .elementwise, !staging.isSum(added), !roles.isOutput[added.index] else { return false }
        // Where rows end at steps of their own, what lies behind them must not be added.
        return roles.features(added) > 1 && axes.count > 1
          && axes.allSatisfy { graph.description(of: $0).lengths == nil }
      })
  }

  // MARK: What rises

  /// The sweep into which each node rises.
  func rising() -> [NodeID: Int] {
    let wanted = onlyForSums().sorted()
    // The last of the stages that compute what a node reads: if that is a sweep, the node can be part of it.
    var latest: [NodeID: Int] = [:]
    for node in wanted {
      latest[node] = roles.operands(node).map { latest[$0] ?? staging.stage[$0.index] }.max { level($0) < level($1) }
    }
    // What needs less goes where its readers go.
    var target: [NodeID: Int] = [:]
    for node in wanted.reversed() {
      let own = latest[node].flatMap { isBackward($0) ? $0 : nil }
      target[node] = own ?? roles.users[node.index].lazy.compactMap { target[$0] }.first
    }
    var isSettled = false
    while !isSettled {
      isSettled = true
      for node in wanted where target[node] != nil && !fits(node, target) {
        target[node] = nil
        isSettled = false
      }
    }
    return target
  }

  private func level(_ stage: Int) -> Int { staging.stages[stage].level }

  /// Whether a sweep has at hand what a node reads, and nothing outside it reads the node.
  private func fits(_ node: NodeID, _ target: [NodeID: Int]) -> Bool {
    let sweep = target[node]!
    return roles.domain(node).contains(staging.stages[sweep].sweep!.axis)
      && roles.users[node.index].allSatisfy { candidates.contains($0) || target[$0] == sweep }
      && roles.operands(node).allSatisfy { operand in
        let stage = target[operand] ?? staging.stage[operand.index]
        return stage == sweep || level(stage) < level(sweep) || roles.isConstant(operand)
      }
  }

  /// The elementwise work over the whole sequence that only sums, and other such work, read.
  private func onlyForSums() -> Set<NodeID> {
    var found: Set<NodeID> = []
    var waiting = candidates.sorted().map { roles.operands($0)[0] }
    while let node = waiting.popLast() {
      guard isMovable(node), !found.contains(node),
        roles.users[node.index].allSatisfy({ candidates.contains($0) || found.contains($0) })
      else { continue }
      found.insert(node)
      waiting += roles.operands(node)
    }
    return found
  }

  private func isMovable(_ node: NodeID) -> Bool {
    guard staging.stages[staging.stage[node.index]].sweep == nil, !roles.isOutput[node.index], roles.hasRows(node),
      roles.domain(node) == roles.graph.type(node).domain, !staging.isSum(node)
    else { return false }
    switch roles[node] {
    case .elementwise: return true
    case .leaf, .constant, .view, .carrier, .join, .assembled, .build, .product, .outer, .reduceRows, .sumColumns,
      .general:
      return false
    }
  }

  /// Whether a stage is a sweep in a turn of time that never runs again.
  private func isBackward(_ stage: Int) -> Bool {
    staging.stages[stage].sweep.map { staging.turns[staging.components.members[$0.component][0].index] > 0 } ?? false
  }

  // MARK: What is kept

  /// For each sum that is kept while a sweep runs, the node that it adds up.
  func kept() -> [NodeID: NodeID] {
    var result: [NodeID: NodeID] = [:]
    for sum in candidates {
      let added = roles.operands(sum)[0]
      let home = staging.stage[added.index]
      guard isBackward(home), let sweep = staging.stages[home].sweep else { continue }
      let isOnlyThere = roles.users[added.index].allSatisfy {
        candidates.contains($0) || staging.stage[$0.index] == home
      }
      if isOnlyThere && roles.graph.operation(sum).mixedAxes.contains(sweep.axis) { result[sum] = added }
    }
    return result
  }
}
