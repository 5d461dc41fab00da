import EbbGraph
import Testing

@testable import EbbPlanning

/// What runs when time is cut into parts: blocks that stay in a cache, and segments that are computed again.
@Suite struct TilingTests {
  private func blocks(_ planned: PlannedGraph) -> TimeBlocks? {
    let chunk = planned.plan.chunkSteps(lengths: planned.lengths)
    return TimeBlocks(planned.plan, lengths: planned.lengths, steps: chunk, ringBlocks: 1)
  }

  /// Every instruction stands once in the order of time, in its stage's order among those of one moment.
  @Test func theOrderOfTimeHoldsEveryInstructionOnce() throws {
    var orders = 0
    for planned in try PlannedGraph.all.get() {
      guard let order = TimeOrder(planned.plan) else { continue }
      orders += 1
      let pieces = order.phases.flatMap { $0.once + $0.parts } + order.rest
      func counted(_ instructions: [Instruction]) -> [Instruction: Int] {
        instructions.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(
        counted(pieces.flatMap(\.instructions)) == counted(planned.plan.instructions),
        "\(planned.name)\n\(planned.plan)")
      for moment in order.phases.flatMap({ [$0.once, $0.parts] }) + [order.rest] {
        #expect(zip(moment, moment.dropFirst()).allSatisfy { $0.stage <= $1.stage }, "\(planned.name)")
      }
    }
    #expect(orders > 5)
  }

  /// Blocks are whole chunks of every sum, and a transient value is touched in the parts of one phase alone.
  @Test func transientValuesAreTouchedInOnePhase() throws {
    var transient = 0
    for planned in try PlannedGraph.all.get() {
      guard let blocks = blocks(planned) else { continue }
      let plan = planned.plan
      #expect(blocks.steps.isMultiple(of: plan.chunkSteps(lengths: planned.lengths)))
      #expect(blocks.places < planned.lengths[blocks.order.axis.index])
      func touched(_ pieces: [TimeOrder.Piece]) -> Set<Int> {
        Set(
          pieces.flatMap(\.instructions).flatMap { plan.accesses(of: $0) }.compactMap { access in
            if case .value(let value) = access.memory { value } else { nil }
          })
      }
      let whole = blocks.order.phases.reduce(touched(blocks.order.rest)) { $0.union(touched($1.once)) }
        .union((plan.inputs + plan.outputs).map(\.view.value))
      for value in plan.values.indices where blocks.isTransient[value] {
        transient += 1
        #expect(!whole.contains(value), "\(planned.name), v\(value)\n\(plan)")
        let phases = blocks.order.phases.filter { touched($0.parts).contains(value) }
        #expect(phases.count == 1, "\(planned.name), v\(value)\n\(plan)")
      }
    }
    #expect(transient > 10)
  }

  /// In each phase a piece visits every step once, in the direction of its phase, and each part is the next piece's too
  /// before the next part begins.
  @Test func blocksVisitEveryStepOnce() throws {
    var visited = 0
    for planned in try PlannedGraph.all.get() {
      guard let blocks = blocks(planned),
        let timeline = TimeTiling.blocks(blocks).timeline(planned.plan, lengths: planned.lengths)
      else { continue }
      let length = planned.lengths[blocks.order.axis.index]
      var events = timeline.events[...]
      for (phase, pieces) in blocks.order.phases.enumerated() {
        for piece in pieces.once {
          guard case .whole(let found)? = events.popFirst() else {
            Issue.record("\(planned.name): phase \(phase) does not begin with what runs once")
            return
          }
          #expect(found.instructions == piece.instructions)
        }
        guard !pieces.parts.isEmpty else { continue }
        var steps: [Range<Int>] = []
        while let event = events.first, case .part(_, let part, _) = event {
          for piece in pieces.parts {
            guard case .part(let found, let own, let isFirst)? = events.popFirst() else {
              Issue.record("\(planned.name): a block ends early")
              return
            }
            #expect(found.instructions == piece.instructions && own == part && isFirst == steps.isEmpty)
          }
          steps.append(part)
          // The parts of this phase are over when all steps are.
          if steps.reduce(0, { $0 + $1.count }) >= length { break }
        }
        #expect(steps.sorted { $0.lowerBound < $1.lowerBound }.flatMap { Array($0) } == Array(0..<length))
        let isBackward = Phase(phase).isBackward
        #expect(
          zip(steps, steps.dropFirst()).allSatisfy { ($0.lowerBound < $1.lowerBound) != isBackward }, "\(planned.name)")
        visited += 1
      }
      #expect(events.count == blocks.order.rest.count)
    }
    #expect(visited > 10)
  }

  /// Forward, each segment is computed for the first time once, in ascending order, from the state before it; the way
  /// back takes each step once, in descending order, in the segment that was computed last.
  @Test func segmentsAreTakenBackOnce() throws {
    var timelines = 0
    for planned in try PlannedGraph.all.get() {
      guard let analysis = SegmentAnalysis(planned.plan), analysis.runsBack else { continue }
      let (plan, length) = (planned.plan, planned.lengths[analysis.order.axis.index])
      let chunk = plan.chunkSteps(lengths: planned.lengths)
      let steps = (analysis.reach + chunk - 1) / chunk * chunk
      guard steps < length else { continue }
      for snapshots in [0, 1, 3] {
        let segment = RematerializationSegment(analysis: analysis, steps: steps, snapshots: snapshots)
        guard segment.count(length: length) <= SnapshotCosts.mostSegments else { continue }
        guard let timeline = TimeTiling.segments(segment).timeline(plan, lengths: planned.lengths) else { continue }
        timelines += 1
        let forward = Set(analysis.order.phases[0].parts.flatMap(\.instructions).filter(\.isSum))
        let backward = Set(analysis.order.phases[1].parts.flatMap(\.instructions))
        var sums: [Instruction: [Range<Int>]] = [:]
        var returned: [Instruction: [Range<Int>]] = [:]
        var start = 0
        for event in timeline.events {
          switch event {
          case .segment(let from): start = from
          case .part(let piece, let part, _):
            #expect(part.lowerBound == start, "\(planned.name): steps \(part) in the segment from \(start)")
            for instruction in piece.instructions {
              if forward.contains(instruction) { sums[instruction, default: []].append(part) }
              if backward.contains(instruction) { returned[instruction, default: []].append(part) }
            }
          case .whole, .cross: break
          }
        }
        for parts in sums.values { #expect(parts.flatMap { Array($0) } == Array(0..<length), "\(planned.name)") }
        #expect(Set(returned.keys) == backward)
        for parts in returned.values {
          #expect(parts.reversed().flatMap { Array($0) } == Array(0..<length), "\(planned.name)")
        }
      }
    }
    #expect(timelines > 5)
  }
}
