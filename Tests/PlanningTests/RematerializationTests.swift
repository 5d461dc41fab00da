import EbbGraph
import Testing

@testable import EbbPlanning

/// What is computed again under a memory budget, and what is kept.
@Suite struct RematerializationTests {
  /// Long enough for segments.
  private static let long = Result {
    try PlannedGraph.cells.get().map { planned in
      (planned, planned.graph.axes.map { $0.kind == .time ? 160 : 9 })
    }
  }

  /// The steps that are computed for the first time or again, over those of the sequence.
  private func repeats(_ memory: MemoryPlan, _ length: Int) -> Double {
    guard let segment = memory.tiling.segment, segment.analysis.runsBack else { return 1 }
    let count = segment.count(length: length)
    return Double(SnapshotCosts.table.cost(count, segment.snapshots)) / Double(count)
  }

  /// A budget is kept, and more of it never means that more is computed again.
  @Test func budgetsAreMet() throws {
    var met = 0
    for (planned, lengths) in try Self.long.get() {
      let whole = MemoryPlan(planned.plan, lengths: lengths)
      #expect(try MemoryPlan(planned.plan, lengths: lengths, budget: whole.bytes).bytes == whole.bytes)
      var most = Double.infinity
      for share in [0.2, 0.35, 0.5, 0.75] {
        let budget = Int(share * Double(whole.bytes))
        guard let memory = try? MemoryPlan(planned.plan, lengths: lengths, budget: budget) else { continue }
        met += memory.bytes < whole.bytes ? 1 : 0
        #expect(memory.bytes <= budget, "\(planned.name)")
        let repeated = repeats(memory, 160)
        #expect(repeated <= most, "\(planned.name): \(share) of all repeats more than less does")
        most = repeated
      }
    }
    #expect(met > 6)
  }

  /// The error names the smallest budget that can be met: this one can, and a byte less cannot.
  @Test func theSmallestBudgetIsNamed() throws {
    var named = 0
    for (planned, lengths) in try Self.long.get() {
      var message = ""
      do throws(BindingError) {
        _ = try MemoryPlan(planned.plan, lengths: lengths, budget: 1)
      } catch {
        message = error.description
      }
      guard let least = message.firstMatch(of: /at least (\d+) bytes/).flatMap({ Int($0.1) }) else {
        #expect(SegmentAnalysis(planned.plan) == nil, "\(planned.name): \(message)")
        continue
      }
      named += 1
      #expect(try MemoryPlan(planned.plan, lengths: lengths, budget: least).bytes <= least)
      #expect(throws: BindingError.self) { try MemoryPlan(planned.plan, lengths: lengths, budget: least - 1) }
    }
    #expect(named >= 3)
  }

  /// What lives in a segment is touched step by step, near the step where it was written, in the phases that run
  /// segment by segment; what is given or asked for does not.
  @Test func whatLivesInASegmentIsReadNearby() throws {
    var segmented = 0
    for planned in try PlannedGraph.all.get() {
      guard let analysis = SegmentAnalysis(planned.plan) else { continue }
      let (plan, axis) = (planned.plan, analysis.order.axis)
      for port in plan.inputs + plan.outputs { #expect(!analysis.isSegmented[port.view.value], "\(planned.name)") }
      segmented += analysis.isSegmented.filter { $0 }.count
      for instruction in plan.instructions {
        for access in plan.accesses(of: instruction) {
          guard case .value(let value) = access.memory, analysis.isSegmented[value] else { continue }
          let message = "\(planned.name), v\(value)\n\(plan)"
          #expect(!access.everywhere.contains(axis), "\(message)")
          // Steps behind it are there when time runs forward, steps before it when time runs back.
          let isForward = plan.values[value].phase == .first
          let near = isForward ? -plan.values[value].before...0 : 0...plan.values[value].after
          #expect(near.contains(access.shift), "\(message)")
          #expect(plan.values[value].axes.first == axis, "\(message)")
          // One step alone is read when its phase has ended, with memory that is its own.
          if access.fixed?.axis == axis {
            #expect(analysis.isPinned[value], "\(message)")
          } else {
            #expect(instruction.phase.number < analysis.order.phases.count, "\(message)")
          }
        }
      }
    }
    #expect(segmented > 50)
  }

  /// What a forward sweep carries from step to step is in every snapshot, and nothing of the way back is.
  @Test func snapshotsHoldTheStateOfForwardSweeps() throws {
    var kept = 0
    for planned in try PlannedGraph.all.get() {
      guard let analysis = SegmentAnalysis(planned.plan) else { continue }
      let plan = planned.plan
      kept += analysis.snapshotValues.count
      for value in analysis.snapshotValues {
        #expect(plan.values[value].phase == .first && plan.values[value].before > 0, "\(planned.name), v\(value)")
        #expect(plan.values[value].axes.first == analysis.order.axis, "\(planned.name), v\(value)")
      }
      for stage in plan.stages {
        guard stage.sweep?.isBackward == false, stage.instructions.first?.phase == .first else { continue }
        for access in stage.instructions.flatMap({ plan.accesses(of: $0) }) where !access.isWrite && access.shift < 0 {
          guard case .value(let value) = access.memory, plan.values[value].axes.first == analysis.order.axis else {
            continue
          }
          let isKept =
            analysis.snapshotValues.contains(value)
            || plan.values[value].lifetime == .whole && !analysis.isSegmented[value]
          #expect(isKept, "\(planned.name), v\(value)\n\(plan)")
        }
      }
    }
    #expect(kept > 6)
  }

  /// More snapshots never cost more; with one for each segment, each is computed again once.
  @Test func snapshotsNeverCost() {
    for segments in 1...SnapshotCosts.mostSegments {
      let costs = (0..<SnapshotCosts.mostSegments).map { SnapshotCosts.table.cost(segments, $0) }
      #expect(zip(costs, costs.dropFirst()).allSatisfy { $0 >= $1 })
      // Each is computed forward; all but the last once more on the way back.
      #expect(costs[segments - 1] == 2 * segments - 1)
    }
  }
}
