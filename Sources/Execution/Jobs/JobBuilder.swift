internal import EbbGraph
internal import EbbPlanning

/// Cuts the stages of a plan into jobs, in the program's order.
struct JobBuilder {
  let binder: Binder
  let segmentation: Segmentation
  private(set) var jobs: [Job] = []
  private var stage = 0

  init(_ binder: Binder, _ options: ExecutionOptions) {
    self.binder = binder
    segmentation = Segmentation(binder, options)
    for (index, stage) in binder.plan.stages.enumerated() {
      self.stage = index
      switch stage.kind {
      case .whole:
        addWhole(stage.prologue + stage.instructions)
      case .sweep(let axis, let isBackward):
        addWhole(stage.prologue)
        addSweep(stage, axis, isBackward: isBackward)
      }
    }
  }

  // MARK: Sweeps

  private mutating func addSweep(_ stage: Stage, _ axis: Axis, isBackward: Bool) {
    let slices = segmentation.slices(stage, axis)
    let segments = segmentation.segments(axis)
    let cost = binder.stepCost(stage, axis) / slices.count
    let steps = slices.map { slice in
      Steps(stage.instructions.map { binder.work($0, sweep: axis, slice: slice) }, binder.arena)
    }
    for segment in isBackward ? segments.reversed() : segments {
      for (steps, slice) in zip(steps, slices) {
        let touched =
          [Slice(axis: axis.index, low: segment.lowerBound, high: segment.upperBound)] + (slice.map { [$0] } ?? [])
        jobs.append(
          Job(
            stage: self.stage, action: .steps(steps, segment, isBackward: isBackward), cost: cost * segment.count,
            regions: stage.instructions.flatMap { binder.regions(of: $0, touched) },
            label: "steps \(segment.lowerBound)..<\(segment.upperBound)"
              + (slice.map { ", rows \($0.low)..<\($0.high)" } ?? "")))
      }
    }
  }

  // MARK: Whole sequences

  private mutating func addWhole(_ instructions: [Instruction]) {
    var rest = instructions[...]
    while let first = rest.first {
      if first.isSum {
        addSum(first)
        rest.removeFirst()
        continue
      }
      let axis = binder.outermostAxis(first)
      var group = Group(binder, axis)
      while let next = rest.first, !next.isSum, binder.outermostAxis(next) == axis, group.canTake(next) {
        group.append(next)
        rest.removeFirst()
      }
      add(group)
    }
  }

  /// Instructions that run one after the other for each part of an axis, while its numbers are near.
  private mutating func add(_ group: Group) {
    guard let axis = group.axis else {
      jobs.append(
        Job(
          stage: stage, action: .work(group.instructions.map { binder.work($0, sweep: nil, slice: nil) }),
          cost: group.cost, regions: group.instructions.flatMap { binder.regions(of: $0, []) }, label: group.label))
      return
    }
    let length = max(1, binder.lengths[axis.index])
    for part in segmentation.parts(axis, cost: group.cost) {
      let slice = Slice(axis: axis.index, low: part.lowerBound, high: part.upperBound)
      jobs.append(
        Job(
          stage: stage, action: .work(group.instructions.map { binder.work($0, sweep: nil, slice: slice) }),
          cost: group.cost * part.count / length,
          regions: group.instructions.flatMap { binder.regions(of: $0, [slice]) },
          label: group.label + " \(part.lowerBound)..<\(part.upperBound)"))
    }
  }

  /// Which instructions can run together for a part of an axis: those that read what others of them write only at
  /// their own indices.
  private struct Group {
    let binder: Binder
    let axis: Axis?
    private(set) var instructions: [Instruction] = []
    private(set) var cost = 0
    private var touched: [Access.Place: [Access]] = [:]

    init(_ binder: Binder, _ axis: Axis?) {
      self.binder = binder
      self.axis = axis
    }

    var label: String { Set(instructions.map(\.kind)).sorted().joined(separator: ", ") }

    func canTake(_ instruction: Instruction) -> Bool {
      if instructions.isEmpty { return true }
      guard let axis else { return cost + binder.cost(instruction) <= Segmentation.grain / 2 }
      return binder.plan.accesses(of: instruction).allSatisfy { access in
        (touched[access.place] ?? []).allSatisfy { other in
          !(access.isWrite || other.isWrite) || (isAligned(access, axis) && isAligned(other, axis))
        }
      }
    }

    private func isAligned(_ access: Access, _ axis: Axis) -> Bool {
      guard case .value(let index) = access.place, binder.plan.values[index].axes.contains(axis) else { return false }
      return access.shift == 0 && access.fixed == nil && access.boundary == 0 && !access.everywhere.contains(axis)
    }

    mutating func append(_ instruction: Instruction) {
      instructions.append(instruction)
      cost += binder.cost(instruction)
      for access in binder.plan.accesses(of: instruction) { touched[access.place, default: []].append(access) }
    }
  }

  /// A sum over all indices: runs of panels side by side, runs of steps in the sum's own order.
  private mutating func addSum(_ sum: Instruction) {
    let panels = binder.summedPanels(sum)
    let axis = binder.summedAxis(sum)
    let isDescending = binder.plan.isDescending(sum)
    var segments: [Range<Int>?] = [nil]
    if let axis { segments = segmentation.sumSegments(axis, chunk: binder.chunkSteps(sum)) }
    let cost = binder.cost(sum) / segments.count
    let parts = segmentation.parts(cost: cost, most: panels)
    for (place, segment) in (isDescending ? segments.reversed() : segments).enumerated() {
      let slice = segment.map { Slice(axis: axis!.index, low: $0.lowerBound, high: $0.upperBound) }
      for part in 0..<parts {
        let range = panels * part / parts..<panels * (part + 1) / parts
        var regions = binder.regions(of: sum, slice.map { [$0] } ?? [])
        for index in regions.indices where regions[index].isWrite {
          regions[index].limit(Region.Bound(axis: Region.panels, low: range.lowerBound, high: range.upperBound))
        }
        let work = binder.sum(sum, panels: range, slice: slice, isDescending: isDescending, isFirst: place == 0)
        jobs.append(
          Job(
            stage: stage, action: .work([work]), cost: cost / parts, regions: regions,
            label: sum.kind + (segment.map { " \($0.lowerBound)..<\($0.upperBound)" } ?? "")))
      }
    }
  }
}
