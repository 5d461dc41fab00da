internal import EbbGraph

/// What a stage asks for in one run.
public struct StageCost: Hashable, Sendable {
  /// For each instruction of the prologue, and for each of the others, in the stage's order.
  public var prologue: [InstructionCost]
  /// For each instruction that runs at every step, or once for all indices.
  public var instructions: [InstructionCost]
  /// How many times the instructions run: the steps of a sweep, else 1.
  public var steps: Int

  /// Everything together.
  public var total: InstructionCost {
    var none = InstructionCost()
    none.calls = 0
    return (prologue + instructions).reduce(none, +)
  }
}

/// What a plan asks for in one run, for given lengths of its axes.
public struct PlanCost: Hashable, Sendable {
  /// One for each of the plan's stages.
  public var stages: [StageCost]
  /// Bytes of the values of which every index is kept: those that are read later than in the sweep, or in the blocks of
  /// steps, in which they are written, and those that were asked for.
  public var keptBytes: Int

  /// What a plan asks for at these lengths of its axes, one for each of the plan's axes.
  public init(_ plan: Plan, lengths: [Int]) {
    let counting = CostCounting(plan: plan, lengths: lengths)
    stages = plan.stages.map { stage in
      switch stage.kind {
      case .whole:
        StageCost(
          prologue: stage.prologue.map { counting.cost($0, step: nil) },
          instructions: stage.instructions.map { counting.cost($0, step: nil) }, steps: 1)
      case .sweep(let axis, _):
        StageCost(
          prologue: stage.prologue.map { counting.cost($0, step: nil) },
          instructions: stage.instructions.map { counting.cost($0, step: axis) }, steps: lengths[axis.index])
      }
    }
    let layouts = MemoryPlan(plan, lengths: lengths).layouts
    keptBytes = zip(plan.values, layouts).reduce(0) { total, entry in
      let (value, layout) = entry
      return value.axes.isEmpty || layout.ring > 0 ? total : total + layout.count * value.storage.bytes
    }
  }

  /// Everything together.
  public var total: InstructionCost {
    var none = InstructionCost()
    none.calls = 0
    return stages.reduce(none) { $0 + $1.total }
  }
}
