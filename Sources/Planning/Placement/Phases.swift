internal import EbbGraph

/// The phase in which each node runs: how often time has turned before it.
struct Phases {
  private var ofNode: [Phase]
  /// For each stage, the phase of its sweep; nil where it runs over the whole sequence.
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
          // What takes all steps, or one, is there when its phase has ended.
          let isWhole = graph.operation(operand).mixedAxes.contains { graph.description(of: $0).kind == .time }
          phase = max(phase, isWhole ? ofNode[operand.index].next : ofNode[operand.index])
        }
      }
      // A delay reads what is there when time runs forward, an advance when it runs backward; a leaf is always there.
      for node in members where kernels.isLive(node) {
        guard let shift = graph.operation(node).shift else { continue }
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

  /// The phase of a node outside sweeps; of one that has moved into a sweep, that before it moved.
  subscript(node: NodeID) -> Phase { ofNode[node.index] }

  /// The phase of a sweep; nil for a stage that runs over the whole sequence.
  func sweep(_ stage: Int) -> Phase? { ofSweep[stage] }

  mutating func move(_ node: NodeID, to phase: Phase) { ofNode[node.index] = phase }
}
