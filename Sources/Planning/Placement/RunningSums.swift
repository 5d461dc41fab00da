internal import EbbGraph
internal import EbbTensors

/// Sums over the steps that a backward sweep accumulates while it runs.
///
///     Σ_{t, b} x = Σ_b a_b,    a_b = Σ_t x_{t, b}
///
/// Each step adds x to one running sum per row, so x need not be written at every step and read again after the sweep.
/// The gradients of a normalisation's gain and bias, of a peephole and of the rates of a state space are such sums. If x is a
/// product with a value just computed by the sweep, or with a state that the sweep passes on its way back, its work is
/// *pulled* into the sweep.
///
/// Only backward sweeps do this: forward ones may run again under a memory budget.
extension Placement {
  /// Pulls the summands of such sums into the sweep that has their operands, and marks the sums that it accumulates.
  func keepingRunningSums() -> Placement {
    let candidates = SumCandidates(self)
    var result = self
    for (node, sweep) in PulledWork(self, candidates).targets { result.move(node, to: sweep) }
    for (sum, added) in result.kept(candidates) {
      let sweep = result.stage(added)
      let end = result.phase(added).next
      for node in waiting(for: sweep, from: sum) ?? [] {
        guard let after = stageAfter(sweep) else { preconditionFailure("no stage follows \(sweep)") }
        // Another sum may have made it wait for a later sweep.
        let isLater = result.stages[node].level > stages.list[after].level
        result.move(node, to: isLater ? result.stage(node) : after, phase: max(result.phase(node), end))
      }
      result.keep(sum, adding: added)
    }
    return result
  }

  /// A sum, and the work on it, that have to wait for a sweep if that adds the sum up: what comes before its end today. Nil
  /// if some of it cannot wait.
  fileprivate func waiting(for sweep: Int, from sum: NodeID) -> [NodeID]? {
    var found: [NodeID] = []
    var next = [sum]
    while let node = next.popLast() {
      if found.contains(node) { continue }
      guard stages[node].level <= stages.list[sweep].level else {
        // What comes later anyway must not be in an earlier phase.
        if node != sum, let end = phases.sweep(sweep)?.next, phase(node) < end { return nil }
        continue
      }
      // A product and the sum that it starts from are one call, in one stage.
      let isOneCall = fused.isSum(node) || fused.sumOf[node] != nil
      guard stages[node].sweep == nil, !isOneCall, stageAfter(sweep) != nil else { return nil }
      found.append(node)
      next += kernels.users(node)
    }
    return found
  }

  /// The stage over the whole sequence that follows a sweep.
  private func stageAfter(_ sweep: Int) -> Int? {
    stages.list.firstIndex { $0.sweep == nil && $0.level == stages.list[sweep].level + 1 }
  }

  /// Whether a stage is a sweep in a phase that never runs again.
  fileprivate func isBackward(_ stage: Int) -> Bool { phases.sweep(stage).map { $0 > .first } ?? false }

  /// The sums that are accumulated while a sweep runs, each with its summand.
  private func kept(_ candidates: SumCandidates) -> [(sum: NodeID, added: NodeID)] {
    candidates.sums.compactMap { sum in
      let added = kernels.operands(sum)[0]
      let home = stage(added)
      guard isBackward(home), let sweep = stages.list[home].sweep, sweep.outer.isEmpty else { return nil }
      let isOnlyThere = kernels.users(added).allSatisfy { candidates.contains($0) || stage($0) == home }
      return isOnlyThere && kernels.graph.operation(sum).mixedAxes.contains(sweep.axis) ? (sum, added) : nil
    }
  }
}

/// The sums that a sweep could accumulate, ignoring other readers of their summands for now.
private struct SumCandidates {
  /// Ascending.
  let sums: [NodeID]
  private let isCandidate: NodeSet

  init(_ placement: Placement) {
    let kernels = placement.kernels
    let graph = kernels.graph
    let hasSweep = placement.stages.list.contains { $0.sweep != nil }
    sums = graph.nodes.filter { sum in
      guard hasSweep, kernels.isLive(sum), kernels.isSumOverAxes(sum) else { return false }
      let added = kernels.operands(sum)[0]
      let axes = graph.operation(sum).mixedAxes
      guard kernels[added] == .elementwise, !placement.fused.isSum(added), !kernels.isOutput(added) else {
        return false
      }
      // If rows end at different steps, values after their ends must not be added.
      return kernels.features(added) > 1 && axes.count > 1
        && axes.allSatisfy { graph.description(of: $0).lengths == nil }
    }
    isCandidate = NodeSet(sums, count: graph.count)
  }

  func contains(_ node: NodeID) -> Bool { isCandidate.contains(node) }
}

/// The elementwise work over the whole sequence that is pulled into a sweep.
private struct PulledWork {
  /// The sweep into which each node is pulled.
  private(set) var targets: [NodeID: Int] = [:]
  private let placement: Placement
  private let kernels: KernelSelection
  private let candidates: SumCandidates

  init(_ placement: Placement, _ candidates: SumCandidates) {
    self.placement = placement
    self.candidates = candidates
    kernels = placement.kernels
    let wanted = onlyForSums().sorted()
    // The last of the stages that compute a node's operands: if it is a sweep, the node can be part of it.
    var latest: [NodeID: Int] = [:]
    for node in wanted {
      latest[node] = kernels.operands(node).map { latest[$0] ?? placement.stage($0) }.max { level($0) < level($1) }
    }
    // Earlier work follows its readers.
    for node in wanted.reversed() {
      let own = latest[node].flatMap { placement.isBackward($0) ? $0 : nil }
      targets[node] = own ?? kernels.users(node).compactMap { targets[$0] }.first ?? sweepPassing(operandOf: node)
    }
    var isSettled = false
    while !isSettled {
      isSettled = true
      for node in wanted {
        guard let sweep = targets[node], !fits(node, sweep) else { continue }
        targets[node] = nil
        isSettled = false
      }
    }
  }

  private func level(_ stage: Int) -> Int { placement.stages.list[stage].level }

  /// The sweep that passes one of a node's operands on its way back: it reads the same state, or the one before it, so the
  /// state is in a near cache.
  private func sweepPassing(operandOf node: NodeID) -> Int? {
    kernels.operands(node).lazy.filter { placement.sweep($0) != nil }.flatMap { state in
      kernels.users(state).flatMap { kernels[$0] == .shift ? kernels.users($0) : [$0] }
    }.map { targets[$0] ?? placement.stage($0) }.first { placement.isBackward($0) }
  }

  /// Whether a sweep has a node's operands available, and nothing outside it reads the node.
  private func fits(_ node: NodeID, _ target: Int) -> Bool {
    guard let sweep = placement.stages.list[target].sweep, let phase = placement.phases.sweep(target),
      sweep.outer.isEmpty
    else { return false }
    return kernels.domain(node).contains(sweep.axis)
      && kernels.users(node).allSatisfy {
        candidates.contains($0) ? canWait($0, for: target, sweep.axis) : targets[$0] == target
      }
      && kernels.operands(node).allSatisfy { operand in
        let stage = targets[operand] ?? placement.stage(operand)
        let isEarlier = level(stage) < level(target) && placement.phase(operand) <= phase
        return stage == target || isEarlier || kernels.isConstant(operand)
      }
  }

  /// Whether a sum is there early enough when a sweep has added it up.
  private func canWait(_ sum: NodeID, for target: Int, _ axis: Axis) -> Bool {
    guard let waiting = placement.waiting(for: target, from: sum) else { return false }
    return waiting.isEmpty
      || (kernels.graph.operation(sum).mixedAxes.contains(axis) && waiting.allSatisfy { targets[$0] == nil })
  }

  /// The elementwise work over the whole sequence that is read only by sums and by other such work.
  private func onlyForSums() -> Set<NodeID> {
    var found: Set<NodeID> = []
    var waiting = candidates.sums.map { kernels.operands($0)[0] }
    while let node = waiting.popLast() {
      guard isMovable(node), !found.contains(node),
        kernels.users(node).allSatisfy({ candidates.contains($0) || found.contains($0) })
      else { continue }
      found.insert(node)
      waiting += kernels.operands(node)
    }
    return found
  }

  private func isMovable(_ node: NodeID) -> Bool {
    kernels[node] == .elementwise && placement.sweep(node) == nil && !kernels.isOutput(node)
      && kernels.hasRows(node) && kernels.domain(node) == kernels.graph.type(node).domain
      && !placement.fused.isSum(node)
  }
}
