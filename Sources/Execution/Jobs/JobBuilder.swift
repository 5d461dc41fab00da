internal import EbbGraph
internal import EbbPlanning

/// Cuts the stages of a plan into jobs, in the program's order.
struct JobBuilder {
  var binder: Binder
  let partition: Partition
  private(set) var jobs: [Job] = []
  /// The regions of each job.
  private(set) var regions: [[Region]] = []

  init(_ binder: Binder, _ options: ExecutionOptions) {
    self.binder = binder
    partition = Partition(binder, options)
    if let timeline = binder.memory.tiling.timeline(binder.plan, lengths: binder.lengths) {
      add(timeline)
    } else {
      addStages()
    }
  }

  private mutating func addStages() {
    for index in binder.plan.stages.indices {
      let stage = binder.plan.stages[index]
      guard let sweep = stage.sweep else {
        add(stage.prologue + stage.instructions, of: index)
        continue
      }
      add(stage.prologue, of: index)
      let strips = partition.strips(sweep.axis)
      for strip in sweep.isBackward ? strips.reversed() : strips { addSweep(index, steps: strip) }
    }
  }

  mutating func append(_ job: Job, touching regions: [Region]) {
    jobs.append(job)
    self.regions.append(regions)
  }

  // MARK: Sweeps

  /// Some steps of a sweep, each slice of rows separately; nil for all steps.
  mutating func addSweep(_ index: Int, steps: Range<Int>? = nil) {
    let stage = binder.plan.stages[index]
    guard let sweep = stage.sweep else { preconditionFailure("stage \(index) is no sweep") }
    let axis = sweep.axis
    let steps = steps ?? 0..<binder.lengths[axis.index]
    let slices = partition.slices(stage, axis)
    let cost = binder.stepCost(stage, axis) / slices.count
    for slice in slices {
      let touched =
        [Slice(axis: axis.index, low: steps.lowerBound, high: steps.upperBound)] + (slice.map { [$0] } ?? [])
      let rows = slice.map { ", rows \($0.low)..<\($0.high)" } ?? ""
      let step = step(index, axis, slice)
      append(
        Job(
          stage: index, work: step.work, steps: steps, isBackward: sweep.isBackward, cost: cost * steps.count,
          label: "steps \(steps.lowerBound)..<\(steps.upperBound)" + rows),
        touching: touches(index).map { binder.region($0, touched) } + [Region(place: step.tables, isWrite: true)])
    }
  }

  private var knownTouches: [Int: [Access]] = [:]

  /// The accesses of a sweep, found once for all its strips.
  private mutating func touches(_ index: Int) -> [Access] {
    if let known = knownTouches[index] { return known }
    var seen: Set<Access> = []
    let touches = binder.plan.stages[index].instructions.flatMap { binder.plan.accesses(of: $0) }
      .filter { seen.insert($0).inserted }
    knownTouches[index] = touches
    return touches
  }

  private struct StepKey: Hashable {
    var stage: Int
    var firstStep: Int
    var slice: Slice?
  }
  /// A step's instructions, and the place of their tables. A run writes its addresses there, so two strips of a sweep
  /// never run at the same time, even if a state reads so many steps back that their numbers would allow it.
  private struct BoundStep {
    var work: BoundWork
    var tables: Int
  }
  private var known: [StepKey: BoundStep] = [:]

  /// A step's instructions, bound once for all strips in the same memory.
  private mutating func step(_ index: Int, _ axis: Axis, _ slice: Slice?) -> BoundStep {
    let key = StepKey(stage: index, firstStep: binder.firstStep, slice: slice)
    if let step = known[key] { return step }
    let stage = binder.plan.stages[index]
    let rounds = rounds(stage.sweep?.outer ?? []).map { pinned in
      var binder = binder
      binder.pinned = pinned
      return stage.instructions.map { binder.work($0, sweep: axis, slice: slice) }
    }
    let step = BoundStep(work: BoundWork(rounds: rounds, burst: binder.memory.bursts.steps[index]), tables: places)
    known[key] = step
    return step
  }

  /// The indices of a grid's outer axes in the order of its loops; one without any if there are none.
  private func rounds(_ outer: [SweepDirection]) -> [[Axis: Int]] {
    outer.reduce([[:]]) { rounds, loop in
      let ascending = Array(0..<binder.lengths[loop.axis.index])
      let indices = loop.isBackward ? ascending.reversed() : ascending
      return rounds.flatMap { round in indices.map { index in round.merging([loop.axis: index]) { $1 } } }
    }
  }

  /// The number of places in regions: values, weights, snapshots, tables.
  var places: Int {
    binder.plan.values.count + binder.plan.weights.count + (binder.memory.tiling.segment?.snapshots ?? 0) + known.count
  }

  /// The outermost axis of each place; none if it is not cut along an axis.
  var outermostAxes: [Int] {
    let axes = binder.plan.values.map { $0.axes.first?.index ?? Region.none }
    return axes + Array(repeating: Region.none, count: places - axes.count)
  }

  // MARK: Whole sequences

  /// Instructions of a stage in order; with `steps`, for these steps of the axis by which they are cut.
  mutating func add(_ instructions: [Instruction], of stage: Int, steps: Range<Int>? = nil, isFirst: Bool = true) {
    var rest = instructions[...]
    while let first = rest.first {
      if first.isSum {
        addSum(first, of: stage, steps: steps, isFirst: isFirst)
        rest.removeFirst()
        continue
      }
      var group = InstructionGroup(binder, first)
      rest.removeFirst()
      while let next = rest.first, group.canTake(next) {
        group.append(next)
        rest.removeFirst()
      }
      add(group, of: stage, steps: steps)
    }
  }

  /// Instructions that run in order for each part of an axis, while its numbers are in cache.
  private mutating func add(_ group: InstructionGroup, of stage: Int, steps: Range<Int>?) {
    guard let axis = group.axis else {
      append(
        Job(
          stage: stage, work: BoundWork(group.instructions.map { binder.work($0, sweep: nil, slice: nil) }),
          cost: group.cost, label: group.label),
        touching: group.instructions.flatMap { binder.regions(of: $0, []) })
      return
    }
    let length = max(1, binder.lengths[axis.index])
    let parts =
      steps.map { partition.parts($0, cost: group.cost * $0.count / length) }
      ?? partition.parts(axis, cost: group.cost)
    let label = group.label
    let accesses = group.instructions.flatMap { binder.plan.accesses(of: $0) }
    for part in parts {
      let slice = Slice(axis: axis.index, low: part.lowerBound, high: part.upperBound)
      append(
        Job(
          stage: stage, work: BoundWork(group.instructions.map { binder.work($0, sweep: nil, slice: slice) }),
          cost: group.cost * part.count / length, label: label + " \(part.lowerBound)..<\(part.upperBound)"),
        touching: accesses.map { binder.region($0, [slice]) })
    }
  }

  /// A sum over all indices: runs of panels in parallel, runs of steps in the sum's own order.
  private mutating func addSum(_ sum: Instruction, of stage: Int, steps: Range<Int>?, isFirst: Bool) {
    let panels = binder.summedPanels(sum)
    let chunk = binder.plan.chunkSteps(sum, lengths: binder.lengths)
    let axis = binder.plan.outermostAxis(sum).flatMap { binder.plan.axis($0).kind == .time ? $0 : nil }
    var slices: [Slice?] = [nil]
    if let axis {
      let strips = steps.map { [$0] } ?? partition.sumStrips(axis, chunk: chunk)
      slices = strips.map { Slice(axis: axis.index, low: $0.lowerBound, high: $0.upperBound) }
    }
    // A sum adds its steps from the last to the first, as a backward sweep produces them.
    if sum.phase.isBackward { slices.reverse() }
    for (place, slice) in slices.enumerated() {
      let share = slice.map { Double($0.high - $0.low) / Double(max(1, binder.lengths[$0.axis])) } ?? 1
      let cost = Int(Double(binder.cost(sum)) * share)
      let parts = partition.parts(cost: cost, most: panels)
      for part in 0..<parts {
        let range = panels * part / parts..<panels * (part + 1) / parts
        var regions = binder.regions(of: sum, slice.map { [$0] } ?? [])
        for index in regions.indices where regions[index].isWrite {
          regions[index].limit(Region.Bound(axis: Region.panels, low: range.lowerBound, high: range.upperBound))
        }
        let work = binder.sum(sum, panels: range, slice: slice, isFirst: isFirst && place == 0)
        append(
          Job(
            stage: stage, work: BoundWork([work]), cost: cost / parts,
            label: sum.kind + (slice.map { " \($0.low)..<\($0.high)" } ?? "")), touching: regions)
      }
    }
  }
}
