internal import EbbGraph

/// When each node is computed: its stage, and the phase of time within it.
struct Placement {
  let kernels: KernelSelection
  let fused: FusedSums
  private(set) var stages: Stages
  private(set) var phases: Phases
  /// For each sum that a backward sweep accumulates, its summand.
  private(set) var runningSums: [NodeID: NodeID] = [:]

  init(_ kernels: KernelSelection) {
    self.kernels = kernels
    stages = Stages(kernels)
    phases = Phases(kernels, stages)
    fused = FusedSums(kernels, stages)
  }

  /// Computes a node in another stage; `phase` is its phase there, if the stage is not a sweep.
  mutating func move(_ node: NodeID, to stage: Int, phase: Phase? = nil) {
    stages.move(node, to: stage)
    if let phase { phases.move(node, to: phase) }
  }

  /// Accumulates a node while its sweep runs; the sum is available when its phase has ended.
  mutating func keep(_ sum: NodeID, adding node: NodeID) {
    runningSums[sum] = node
    phases.move(sum, to: phase(node).next)
  }

  /// The index of the stage that computes a node.
  func stage(_ node: NodeID) -> Int { stages.index[node.index] }

  /// The sweep that computes a node; nil outside sweeps.
  func sweep(_ node: NodeID) -> Stage.Sweep? { stages[node].sweep }

  /// The phase in which a node is computed; in a sweep, the sweep's.
  func phase(_ node: NodeID) -> Phase { phases.sweep(stage(node)) ?? phases[node] }

  /// The readers of a node that need its numbers in memory: not sums that accumulate them from registers.
  func readers(_ node: NodeID) -> [NodeID] { kernels.users(node).filter { runningSums[$0] == nil } }

  /// Whether a sum accumulates a node while its sweep runs.
  func isAddedUp(_ node: NodeID) -> Bool { kernels.users(node).contains { runningSums[$0] != nil } }

  /// The axis of a node that comes first in memory: the one along which it is swept or delayed, else its first time
  /// axis.
  func outermostAxis(_ node: NodeID) -> Axis? {
    let domain = kernels.domain(node)
    let graph = kernels.graph
    if let sweep = sweep(node), domain.contains(sweep.axis) { return sweep.axis }
    for user in kernels.users(node) {
      if let shift = graph.operation(user).shift, domain.contains(shift.axis) { return shift.axis }
    }
    for user in kernels.users(node) {
      if let sweep = sweep(user), domain.contains(sweep.axis) { return sweep.axis }
    }
    return domain.first { graph.description(of: $0).kind == .time } ?? domain.first { _ in true }
  }

  /// A domain's axes in a stage's order: the sweep's first.
  func order(_ domain: Domain, in stage: Int) -> [Axis] {
    order(domain, outermost: stages.list[stage].sweep?.axis)
  }

  /// A domain's axes in the order of memory: one outermost, next those around sweeps over grids, so that what a step
  /// reads lies together.
  func order(_ domain: Domain, outermost: Axis?) -> [Axis] {
    let outer = Domain(stages.list.flatMap { $0.sweep?.outer ?? [] }.map(\.axis))
    let first = (outermost.map { [$0] } ?? []) + outer.filter { $0 != outermost }
    return kernels.graph.memoryOrder(domain, outermost: first.filter { domain.contains($0) })
  }
}
