import EbbGraph
import Testing

@testable import EbbPlanning

/// Cheap work that moves to where its results are read.
@Suite struct SinkingTests {
  private struct Move {
    var node: NodeID
    var from: Int
    var to: Int
  }

  private func moves(_ planned: PlannedGraph) -> [Move] {
    planned.kernels.computed.compactMap { node in
      let (from, to) = (planned.placed.stage(node), planned.sunk.stage(node))
      return from == to ? nil : Move(node: node, from: from, to: to)
    }
  }

  /// What sinks is cheap, is no output, and is read in one stage: the one into which it sinks, which is later.
  @Test func whatSinksGoesToItsOnlyReaders() throws {
    var (intoSweeps, intoOthers) = (0, 0)
    for planned in try PlannedGraph.all.get() {
      let stages = planned.placed.stages.list
      for move in moves(planned) {
        let message = "\(planned.name), %\(move.node.index)"
        #expect(stages[move.from].sweep == nil && stages[move.from].level < stages[move.to].level, "\(message)")
        #expect(!planned.kernels.isOutput(move.node), "\(message)")
        let readers = planned.kernels.users(move.node)
        #expect(!readers.isEmpty && readers.allSatisfy { planned.sunk.stage($0) == move.to }, "\(message)")
        switch planned.kernels[move.node] {
        case .elementwise, .reduceRows, .join, .view: break
        case .strided where planned.graph.operation(move.node) == .product(.outer, over: .empty): break
        case .leaf, .constant, .shift, .assembled, .build, .product, .outer, .sumColumns, .strided, .general:
          Issue.record("\(message) is not cheap")
        }
        if stages[move.to].sweep == nil { intoOthers += 1 } else { intoSweeps += 1 }
      }
    }
    #expect(intoSweeps > 20 && intoOthers > 5, "\(intoSweeps) and \(intoOthers)")
  }

  /// A node runs once for each step of the sweep that it joins: only what has those steps anyway may join it.
  @Test func whatSinksIsComputedAsOftenAsBefore() throws {
    for planned in try PlannedGraph.all.get() {
      for move in moves(planned) {
        guard let sweep = planned.placed.stages.list[move.to].sweep else { continue }
        #expect(planned.kernels.domain(move.node).contains(sweep.axis), "\(planned.name), %\(move.node.index)")
      }
    }
  }

  /// The plan without sinking computes as many numbers, and keeps no fewer.
  @Test func sinkingNeverIncreasesComputedWork() throws {
    var (fewer, less) = (0, 0)
    for planned in try PlannedGraph.all.get() {
      func plan(_ placement: Placement) -> Plan {
        let storage = Storage(Schedules(placement, Layouts(placement)))
        return Plan(storage, Emitter(storage))
      }
      /// The operations of programs on single numbers: lanes that pad a panel are not counted, since rows of one feature
      /// share panels only where they run together.
      func operations(_ plan: Plan) -> Int {
        plan.instructions.reduce(0) { total, instruction in
          guard case .program(let program) = instruction.kernel else { return total }
          return total + program.steps.count * planned.count(program.domain) * program.features.count
        }
      }
      let (before, after) = (plan(planned.placed), plan(planned.sunk))
      let costs = [before, after].map { PlanCost($0, lengths: planned.lengths) }
      #expect(costs[0].total.products == costs[1].total.products, "\(planned.name)")
      #expect(operations(after) <= operations(before), "\(planned.name)")
      if costs[1].total.bytes < costs[0].total.bytes { fewer += 1 }
      if costs[1].keptBytes < costs[0].keptBytes { less += 1 }
    }
    #expect(fewer > 4 && less > 4, "\(fewer) and \(less)")
  }
}
