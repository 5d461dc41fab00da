internal import EbbGraph

/// The cost of a stage in one run.
public struct StageCost: Hashable, Sendable {
  /// For each instruction of the prologue, and for each of the others, in the stage's order.
  public var prologue: [InstructionCost]
  /// For each instruction that runs at every step, or once for all indices.
  public var instructions: [InstructionCost]
  /// The number of runs of the instructions: the steps of a sweep, else 1.
  public var steps: Int

  /// Everything together.
  public var total: InstructionCost { (prologue + instructions).reduce(.none, +) }
}

/// The cost of a plan in one run, for given lengths of its axes.
public struct PlanCost: Hashable, Sendable {
  /// One for each of the plan's stages.
  public var stages: [StageCost]
  /// Bytes of the values that keep every index: those read after the sweep or the blocks of steps that write them, and
  /// the outputs.
  public var keptBytes: Int

  /// The cost of a plan at these lengths of its axes, one for each of the plan's axes.
  public init(_ plan: Plan, lengths: [Int]) {
    let lengths = plan.completed(lengths)
    let counting = CostCounting(plan: plan, lengths: lengths)
    stages = plan.stages.map { stage in
      let axes = Domain(stage.sweep.map { $0.outer.map(\.axis) + [$0.axis] } ?? [])
      return StageCost(
        prologue: stage.prologue.map { counting.cost($0, steps: .empty) },
        instructions: stage.instructions.map { counting.cost($0, steps: axes) },
        steps: axes.reduce(1) { $0 * lengths[$1.index] })
    }
    let layouts = MemoryPlan(plan, lengths: lengths).layouts
    keptBytes = zip(plan.values, layouts).reduce(0) { total, entry in
      let (value, layout) = entry
      return value.axes.isEmpty || layout.ring > 0 ? total : total + layout.count * value.storage.bytes
    }
  }

  /// Everything together.
  public var total: InstructionCost { stages.map(\.total).reduce(.none, +) }
}
