import EbbGraph
import Testing

@testable import EbbPlanning

/// When each node is computed: the stages, and the phases of time.
@Suite struct PlacementTests {
  /// What a node reads was computed on a lower level, or in its own stage; another step of its own sweep is there.
  @Test func operandsComeFromEarlierStagesOrTheSame() throws {
    for planned in try PlannedGraph.all.get() {
      for placement in [planned.placed, planned.sunk, planned.placement] {
        for node in planned.kernels.computed {
          for operand in planned.readsWithinStep(node) where !planned.kernels.isConstant(operand) {
            let (own, other) = (placement.stage(node), placement.stage(operand))
            #expect(
              own == other || placement.stages[operand].level < placement.stages[node].level,
              "\(planned.name): %\(node.index) reads %\(operand.index)")
          }
        }
      }
    }
  }

  /// Levels ascend; sweeps have odd ones, and what runs over the whole sequence even ones, one stage each.
  @Test func stagesStandInTheOrderOfTheirLevels() throws {
    for planned in try PlannedGraph.all.get() {
      let list = planned.placed.stages.list
      for (before, after) in zip(list, list.dropFirst()) { #expect(before.level <= after.level, "\(planned.name)") }
      #expect(list.allSatisfy { ($0.sweep != nil) == !$0.level.isMultiple(of: 2) }, "\(planned.name)")
      let even = list.filter { $0.sweep == nil }.map(\.level)
      #expect(Set(even).count == even.count, "\(planned.name)")
    }
  }

  /// A cycle lies in one sweep, and a sweep is one cycle, before anything sinks into it. Its direction is that of its
  /// shifts.
  @Test func aSweepIsOneCycle() throws {
    var sweeps = 0
    for planned in try PlannedGraph.all.get() {
      let (placement, components) = (planned.placed, planned.placed.stages.components)
      var cycles: [Int: Set<Int>] = [:]
      for node in planned.graph.nodes {
        guard let sweep = placement.sweep(node) else {
          #expect(!components.isCyclic[components[node]], "\(planned.name), %\(node.index)")
          continue
        }
        cycles[placement.stage(node), default: []].insert(components[node])
        guard let shift = planned.graph.operation(node).shift,
          components[planned.graph.operand(node, 0)] == components[node]
        else { continue }
        #expect(shift.axis == sweep.axis && shift.isAdvance == sweep.isBackward, "\(planned.name), %\(node.index)")
      }
      #expect(cycles.values.allSatisfy { $0.count == 1 }, "\(planned.name)")
      sweeps += cycles.count
    }
    #expect(sweeps > 30)
  }

  /// Time runs forward in even phases and back in odd ones; nothing is read in a phase before the one that computes it.
  @Test func phasesFollowOneAnother() throws {
    var backward = 0
    for planned in try PlannedGraph.all.get() {
      for placement in [planned.placed, planned.sunk, planned.placement] {
        for node in planned.kernels.computed {
          let phase = placement.phase(node)
          if let sweep = placement.sweep(node) { #expect(phase.isBackward == sweep.isBackward, "\(planned.name)") }
          if phase.isBackward { backward += 1 }
          for operand in planned.readsWithinStep(node) where !planned.kernels.isConstant(operand) {
            #expect(placement.phase(operand) <= phase, "\(planned.name): %\(node.index) reads %\(operand.index)")
          }
        }
      }
    }
    #expect(backward > 500)
  }

  /// A product whose sums start at an addend: each is the part of one sum, in one stage, and nothing else reads it.
  @Test func aFusedProductIsReadByItsSumAlone() throws {
    var fused = 0
    for planned in try PlannedGraph.all.get() {
      let (kernels, sums) = (planned.kernels, planned.placed.fused)
      for (product, sum) in sums.sumOf {
        fused += 1
        #expect(kernels.users(product) == [sum] && !kernels.isOutput(product), "\(planned.name), %\(sum.index)")
        #expect(planned.placement.stage(product) == planned.placement.stage(sum), "\(planned.name), %\(sum.index)")
        let parts = try #require(sums.partsOf[sum])
        #expect(parts.product == product && Set(kernels.operands(sum)) == [product, parts.addend])
      }
      #expect(sums.sumOf.count == sums.partsOf.count)
    }
    #expect(fused > 10)
  }
}
