import EbbGraph
import Testing

@testable import EbbPlanning

/// In which order the nodes of a stage are computed, and which of them share a program.
@Suite struct SchedulesTests {
  /// A node stands once in the schedule of its stage, unless a product's sum or a reduction computes it.
  @Test func everyNodeIsComputedOnce() throws {
    for planned in try PlannedGraph.all.get() {
      let (kernels, schedules) = (planned.kernels, planned.schedules)
      let factored = Set(schedules.factorsOf.keys.map { kernels.operands($0)[0] })
      var found: [NodeID: [Int]] = [:]
      for (stage, schedule) in schedules.ofStage.enumerated() {
        for node in schedule.items.flatMap(\.nodes) { found[node, default: []].append(stage) }
      }
      for node in kernels.computed {
        if case .constant = kernels[node] { continue }
        let isElsewhere = factored.contains(node) || planned.placement.fused.sumOf[node] != nil
        let expected = isElsewhere ? [] : [planned.placement.stage(node)]
        #expect(found[node] ?? [] == expected, "\(planned.name), %\(node.index)")
      }
    }
  }

  /// What a node reads in its own stage comes before it, or before it in its program; of a shift in its own sweep, the
  /// step before is read.
  @Test func operandsComeFirst() throws {
    for planned in try PlannedGraph.all.get() {
      let (kernels, schedules) = (planned.kernels, planned.schedules)
      let fused = planned.placement.fused
      let positions = Dictionary(
        uniqueKeysWithValues: schedules.order.enumerated().map { ($0.element, $0.offset) })
      for (node, position) in positions {
        let isCarried = kernels[node] == .shift && planned.placement.sweep(node) != nil
        let product = fused.partsOf[node]?.product
        let factors = schedules.factorsOf[node].map { [$0.0, $0.1] }
        let read =
          factors
          ?? (kernels.operands(node).dropFirst(isCarried ? 1 : 0) + (product.map { kernels.operands($0) } ?? []))
        for operand in read where operand != product {
          guard let other = positions[fused.sumOf[operand] ?? operand] else { continue }
          #expect(other < position, "\(planned.name): %\(node.index) reads %\(operand.index)")
        }
      }
    }
  }

  /// The nodes of a program are elementwise, run over the same indices in the same phase and lie alike.
  @Test func programsHoldWhatRunsAlike() throws {
    var large = 0
    for planned in try PlannedGraph.all.get() {
      let (kernels, placement) = (planned.kernels, planned.placement)
      for item in planned.schedules.ofStage.flatMap(\.items) {
        guard case .group(let nodes) = item, let first = nodes.first else { continue }
        #expect(nodes.count <= 60)
        large += nodes.count > 5 ? 1 : 0
        for node in nodes {
          let message = "\(planned.name), %\(node.index)"
          #expect(kernels[node] == .elementwise && !placement.fused.isSum(node), "\(message)")
          #expect(kernels.domain(node) == kernels.domain(first), "\(message)")
          #expect(placement.phase(node) == placement.phase(first), "\(message)")
          #expect(kernels.programStorage(node) == kernels.programStorage(first), "\(message)")
          #expect(planned.layouts.layout(node) == planned.layouts.layout(first), "\(message)")
        }
      }
    }
    #expect(large > 10)
  }

  /// A product that a reduction computes is read by nothing else, and both factors are in memory.
  @Test func factorsAreInMemory() throws {
    var found = 0
    for planned in try PlannedGraph.all.get() {
      let kernels = planned.kernels
      for (reduction, factors) in planned.schedules.factorsOf {
        found += 1
        let product = kernels.operands(reduction)[0]
        #expect(kernels.users(product) == [reduction] && !kernels.isOutput(product), "\(planned.name)")
        for factor in [factors.0, factors.1] {
          #expect(kernels.operands(product).contains(factor) && kernels.hasRows(factor), "\(planned.name)")
          #expect(planned.storage.allViews.contains { $0.node == factor }, "\(planned.name), %\(factor.index)")
        }
      }
    }
    #expect(found > 5)
  }
}
