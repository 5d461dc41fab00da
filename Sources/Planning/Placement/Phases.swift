internal import EbbGraph

/// The phase of each node: how often time has changed direction before it.
struct Phases {
  private var ofNode: [Phase]
  /// For each stage, the phase of its sweep; nil if it runs over the whole sequence.
  private let ofSweep: [Phase?]

  init(_ kernels: KernelSelection, _ stages: Stages) {
    let graph = kernels.graph
    let components = stages.components
    var ofNode = Array(repeating: Phase.first, count: graph.count)
    var ofSweep = stages.list.map { _ in Phase?.none }
    for (index, members) in components.members.enumerated() {
      var phase = Phase.first
      for node in members where kernels.isLive(node) {
        for operand in graph.operands(node) where components[operand] != index {
          // An operation that reads all steps, or one, needs the end of its operand's phase.
          let isWhole = graph.operation(operand).mixedAxes.contains { graph.description(of: $0).kind == .time }
          phase = max(phase, isWhole ? ofNode[operand.index].next : ofNode[operand.index])
        }
      }
      // A delay reads available values when time runs forward, an advance when it runs backward; a leaf is always
      // available.
      for node in members where kernels.isLive(node) {
        guard let shift = graph.operation(node).shift else { continue }
        // The steps of a grid's inner axis are those of the run.
        if let sweep = stages[node].sweep, components.isCyclic[index], sweep.axis != shift.axis { continue }
        if components.isCyclic[index] || kernels[graph.operand(node, 0)] != .leaf {
          if phase.isBackward != shift.isAdvance { phase = phase.next }
        }
      }
      for node in members { ofNode[node.index] = phase }
      if let first = members.first, stages[first].sweep != nil { ofSweep[stages.index[first.index]] = phase }
    }
    self.ofNode = ofNode
    self.ofSweep = ofSweep
  }

  /// The phase of a node outside sweeps; for one that has moved into a sweep, the phase before the move.
  subscript(node: NodeID) -> Phase { ofNode[node.index] }

  /// The phase of a sweep; nil for a stage that runs over the whole sequence.
  func sweep(_ stage: Int) -> Phase? { ofSweep[stage] }

  mutating func move(_ node: NodeID, to phase: Phase) { ofNode[node.index] = phase }
}
