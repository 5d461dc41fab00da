import EbbGraph
import EbbTestSupport
import Testing

@testable import EbbPlanning

/// Where values lie in memory when the lengths are known.
@Suite struct MemoryPlanTests {
  /// The memory of a plan in each way in which it can be cut.
  private func memories(_ planned: PlannedGraph) -> [(tiling: TimeTiling, memory: MemoryPlan)] {
    let (plan, lengths) = (planned.plan, planned.lengths)
    let chunk = plan.chunkSteps(lengths: lengths)
    var tilings: [TimeTiling] = [.none]
    if let blocks = TimeBlocks(plan, lengths: lengths, steps: chunk, ringBlocks: 1) { tilings.append(.blocks(blocks)) }
    if let analysis = SegmentAnalysis(plan) {
      let steps = (analysis.reach + chunk - 1) / chunk * chunk
      if steps < lengths[analysis.order.axis.index] {
        tilings.append(.segments(RematerializationSegment(analysis: analysis, steps: steps, snapshots: 1)))
      }
    }
    return tilings.map { ($0, MemoryPlan(plan, lengths: lengths, tiling: $0)) }
  }

  private func bytes(_ plan: Plan, _ memory: MemoryPlan, _ value: Int) -> Int {
    memory.layouts[value].count * plan.values[value].storage.bytes
  }

  /// The moments at which stages touch a value, worked out anew: the levels of its stages; from the beginning what is
  /// given, to the end what is asked for.
  private func levels(_ plan: Plan) -> [ClosedRange<Int>?] {
    var result: [ClosedRange<Int>?] = plan.values.map { _ in nil }
    for stage in plan.stages {
      for access in (stage.prologue + stage.instructions).flatMap({ plan.accesses(of: $0) }) {
        guard case .value(let value) = access.memory else { continue }
        let known = result[value] ?? stage.level...stage.level
        result[value] = min(known.lowerBound, stage.level)...max(known.upperBound, stage.level)
      }
    }
    for port in plan.inputs { result[port.view.value] = 0...Int.max }
    for port in plan.outputs { result[port.view.value] = (result[port.view.value]?.lowerBound ?? 0)...Int.max }
    return result
  }

  /// No two values that live at one time have a byte in common.
  @Test func whatLivesAtOnceDoesNotOverlap() throws {
    var reused = 0
    for planned in try PlannedGraph.all.get() {
      let (plan, levels) = (planned.plan, levels(planned.plan))
      let memory = MemoryPlan(plan, lengths: planned.lengths, tiling: .none)
      for left in plan.values.indices {
        for right in 0..<left {
          guard let first = levels[left], let second = levels[right] else { continue }
          let a = memory.offsets[left]..<memory.offsets[left] + bytes(plan, memory, left)
          let b = memory.offsets[right]..<memory.offsets[right] + bytes(plan, memory, right)
          guard a.overlaps(b) else { continue }
          reused += 1
          #expect(!first.overlaps(second), "\(planned.name): v\(left) and v\(right)\n\(plan)")
        }
      }
    }
    #expect(reused > 100)
  }

  /// Where time is cut, what is touched in the parts of one phase is there throughout them, and what is given or asked
  /// for throughout the run.
  @Test func whatAPhaseTouchesDoesNotOverlap() throws {
    var phases = 0
    for planned in try PlannedGraph.all.get() {
      let plan = planned.plan
      for (tiling, memory) in memories(planned) {
        guard case .blocks(let blocks) = tiling else { continue }
        for pieces in blocks.order.phases {
          phases += 1
          let touched = Set(
            pieces.parts.flatMap(\.instructions).flatMap { plan.accesses(of: $0) }.compactMap { access in
              if case .value(let value) = access.memory { value } else { nil }
            } + plan.inputs.map(\.view.value))
          let ordered = touched.sorted { memory.offsets[$0] < memory.offsets[$1] }
          for (left, right) in zip(ordered, ordered.dropFirst()) {
            let end = memory.offsets[left] + bytes(plan, memory, left)
            #expect(end <= memory.offsets[right], "\(planned.name): v\(left) and v\(right)\n\(plan)")
          }
        }
      }
    }
    #expect(phases > 10)
  }

  /// Everything begins at a panel and ends in the arena; weights and snapshots lie beside all values.
  @Test func everythingLiesInTheArena() throws {
    var kinds: [Int] = [0, 0, 0]
    for planned in try PlannedGraph.all.get() {
      let plan = planned.plan
      for (tiling, memory) in memories(planned) {
        switch tiling {
        case .none: kinds[0] += 1
        case .blocks: kinds[1] += 1
        case .segments: kinds[2] += 1
        }
        let values = plan.values.indices.map { memory.offsets[$0] + bytes(plan, memory, $0) }.max() ?? 0
        var rest = zip(plan.weights, memory.weightOffsets).map { weights, offset in
          offset..<offset + weights.rows * weights.columns.panels(weights.storage.lanes) * 128
        }
        for snapshot in 0..<(tiling.segment?.snapshots ?? 0) where memory.snapshotBytes > 0 {
          let first = memory.snapshotOffset + snapshot * memory.snapshotBytes
          rest.append(first..<first + memory.snapshotBytes)
        }
        #expect((memory.offsets + memory.weightOffsets).allSatisfy { $0.isMultiple(of: 128) }, "\(planned.name)")
        #expect(rest.allSatisfy { $0.lowerBound >= values && $0.upperBound <= memory.bytes }, "\(planned.name)")
        #expect(zip(rest, rest.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "\(planned.name)")
        #expect(values <= memory.bytes, "\(planned.name)")
      }
    }
    #expect(kinds.allSatisfy { $0 >= 5 }, "\(kinds)")
  }

  /// The values that are listed as sharing memory are those whose bytes, with the padding behind them, overlap.
  @Test func whatSharesMemoryIsListed() throws {
    for planned in try PlannedGraph.all.get() {
      let plan = planned.plan
      for (_, memory) in memories(planned) {
        for left in plan.values.indices {
          #expect(memory.shared[left].allSatisfy { memory.shared[$0].contains(left) }, "\(planned.name)")
          for right in 0..<left {
            let a = memory.offsets[left]..<memory.offsets[left] + bytes(plan, memory, left)
            let b = memory.offsets[right]..<memory.offsets[right] + bytes(plan, memory, right)
            if a.overlaps(b) { #expect(memory.shared[left].contains(right), "\(planned.name): v\(left) and v\(right)") }
          }
        }
      }
    }
  }

  /// Each number of a value that keeps every step has elements of its own, boundary places included.
  @Test func everyIndexHasElementsOfItsOwn() throws {
    var looked = 0
    for planned in try PlannedGraph.all.get() {
      for value in planned.plan.values where value.lifetime == .whole {
        let layout = ValueLayout(value, planned.plan.axes, planned.lengths, held: .all)
        let lanes = value.storage.lanes
        let isScalar = value.features.isScalar && !value.isPadded
        let features =
          value.isDense
          ? Array(0..<value.features.count)
          : isScalar
            ? [0]
            : value.features.offsets(lanes).map { $0 / lanes * layout.panelStride + $0 % lanes }
        var elements: [Int] = []
        func visit(_ depth: Int, _ element: Int) {
          guard depth < value.axes.count else {
            elements += features.map { element + $0 }
            return
          }
          let length = planned.lengths[value.axes[depth].index]
          let indices = depth == 0 ? -value.before..<length + value.after : 0..<length
          for index in indices { visit(depth + 1, element + index * layout.strides[depth]) }
        }
        visit(0, layout.origin)
        guard elements.count < 20_000 else { continue }
        looked += 1
        #expect(Set(elements).count == elements.count, "\(planned.name), \(value)")
        #expect(elements.allSatisfy { (0..<layout.count).contains($0) }, "\(planned.name), \(value)")
      }
    }
    #expect(looked > 200)
  }
}
