public import EbbGraph

/// The memory plan with the least recomputation that a budget allows.
extension MemoryPlan {
  /// The maximum number of times that all segments are computed.
  private static let mostRepeats = 8

  /// Everything at once if the budget allows it, else segments of steps and snapshots of the state, chosen so that as
  /// few steps as possible are recomputed.
  ///
  /// Plans that only run forward use segments too, each computed once.
  ///
  /// - Parameters:
  ///   - plan: The plan whose values need places.
  ///   - lengths: The length of each axis, in the order of the graph's axes.
  ///   - budget: Bytes for everything that a session holds: parameters, inputs and outputs too; nil for no limit.
  ///   - name: The setting of the budget, for the error.
  /// - Throws: `BindingError` if the budget is too small; the error reports the smallest possible one.
  public init(
    _ plan: Plan, lengths: [Int], budget: Int?, called name: String = "a memory budget"
  ) throws(BindingError) {
    let lengths = plan.completed(lengths)
    let whole = MemoryPlan(plan, lengths: lengths)
    guard let budget, whole.bytes > budget else {
      self = whole
      return
    }
    guard let analysis = SegmentAnalysis(plan) else {
      throw BindingError(
        "\(name) of \(budget) bytes cannot be met: this graph takes \(whole.bytes) bytes, and it does not run "
          + "once forward and once back through one time axis, or it reads the history of a state, so no part of it can be "
          + "computed again")
    }
    let length = lengths[analysis.order.axis.index]
    let chunk = plan.chunkSteps(lengths: lengths)
    let costs = SnapshotCosts.table
    var smallest = whole.bytes
    var best: (cost: Int, plan: MemoryPlan)?
    for steps in Self.segments(length, chunk: chunk, reach: analysis.reach) {
      let count = (length + steps - 1) / steps
      let bare = MemoryPlan(
        plan, lengths: lengths,
        tiling: .segments(RematerializationSegment(analysis: analysis, steps: steps, snapshots: 0)))
      guard analysis.runsBack else {
        smallest = min(smallest, bare.bytes)
        // The fewest segments.
        if bare.bytes <= budget, best.map({ count < $0.cost }) ?? true { best = (count, bare) }
        continue
      }
      let snapshot = bare.snapshotBytes
      let affordable = snapshot == 0 ? count - 1 : (budget - bare.bytes) / snapshot
      // The fewest snapshots for which the segments are not recomputed too often.
      guard
        let least = (0..<count).first(where: {
          costs.cost(count, $0) <= Self.mostRepeats * count
        })
      else { continue }
      smallest = min(smallest, bare.bytes + least * snapshot)
      let snapshots = min(count - 1, affordable)
      guard bare.bytes <= budget, snapshots >= least else { continue }
      let cost = costs.cost(count, snapshots) * steps
      if best.map({ cost < $0.cost }) ?? true {
        let segment = RematerializationSegment(analysis: analysis, steps: steps, snapshots: snapshots)
        best = (cost, MemoryPlan(plan, lengths: lengths, tiling: .segments(segment)))
      }
    }
    guard let best else {
      throw BindingError(
        "\(name) of \(budget) bytes cannot be met: with segments of steps\(analysis.runsBack ? " computed again" : "") it "
          + "takes at least \(smallest) bytes; without a budget it takes \(whole.bytes)")
    }
    self = best.plan
  }

  /// The segment lengths to try: multiples of a sum's chunk, denser for short segments.
  private static func segments(_ length: Int, chunk: Int, reach: Int) -> [Int] {
    var result: [Int] = []
    var steps = max(chunk, (reach + chunk - 1) / chunk * chunk)
    while steps < length {
      if (length + steps - 1) / steps <= SnapshotCosts.mostSegments { result.append(steps) }
      steps += max(chunk, steps / 16 / chunk * chunk)
    }
    return result
  }
}
