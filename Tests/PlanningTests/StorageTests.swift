import EbbGraph
import EbbTensors
import Testing

@testable import EbbPlanning

/// Where each node's numbers lie.
@Suite struct StorageTests {
  private func views(_ planned: PlannedGraph) -> [NodeID: View] {
    Dictionary(
      uniqueKeysWithValues: planned.storage.allViews.compactMap { view in view.node.map { ($0, view) } })
  }

  /// What is read in another program, another stage or another phase, and what is asked for, has storage.
  @Test func whatIsReadElsewhereHasStorage() throws {
    for planned in try PlannedGraph.all.get() {
      let (kernels, views) = (planned.kernels, views(planned))
      var programs: [NodeID: Int] = [:]
      for (index, item) in planned.schedules.ofStage.flatMap(\.items).enumerated() {
        if case .group(let nodes) = item { for node in nodes { programs[node] = index } }
      }
      let computedElsewhere = Set(planned.placement.fused.sumOf.keys)
        .union(planned.schedules.factorsOf.keys.map { kernels.operands($0)[0] })
      for node in kernels.computed where !computedElsewhere.contains(node) {
        switch kernels[node] {
        case .constant, .assembled: continue
        case .leaf, .view, .elementwise, .shift, .join, .build, .product, .outer, .reduceRows, .sumColumns, .strided,
          .general:
          break
        }
        let isRead = planned.placement.readers(node).contains {
          programs[$0] != programs[node] || programs[node] == nil
        }
        if kernels.isOutput(node) || isRead { #expect(views[node] != nil, "\(planned.name), %\(node.index)") }
      }
    }
  }

  /// A value keeps only a few steps if its own sweep alone reads it, as many as its shifts look back.
  @Test func whatIsReadInAnotherStageKeepsEveryStep() throws {
    var rings = 0
    for planned in try PlannedGraph.all.get() {
      let (placement, values) = (planned.placement, planned.storage.values)
      for (node, view) in views(planned) {
        let value = values[view.value]
        guard case .ring(let places) = value.lifetime else { continue }
        rings += 1
        let home = placement.stage(value.node)
        let message = "\(planned.name), %\(node.index)"
        #expect(
          value.axes.first == placement.sweep(value.node)?.axis && placement.sweep(value.node) != nil, "\(message)")
        #expect(!planned.kernels.isOutput(node) && placement.stage(node) == home, "\(message)")
        #expect(placement.readers(node).allSatisfy { placement.stage($0) == home }, "\(message)")
        #expect(places & (places - 1) == 0 && places > max(value.before, value.after), "\(message)")
        #expect(abs(view.shift) < places, "\(message)")
      }
    }
    #expect(rings > 50)
  }

  /// A view lies in its value, has its node's features, and is as far from its steps as its shift is long.
  @Test func viewsLieInTheirValues() throws {
    var shifted = 0
    for planned in try PlannedGraph.all.get() {
      let (kernels, values) = (planned.kernels, planned.storage.values)
      for (node, view) in views(planned) {
        let value = values[view.value]
        let lanes = value.storage.lanes
        let message = "\(planned.name), %\(node.index)"
        #expect(view.features.count == kernels.features(node), "\(message)")
        // A Bool is held in the width in which it was computed; a delay of it is a view of that.
        let owner = planned.graph.type(node).element == .bool ? value.node : node
        #expect(value.storage == kernels.storage(owner), "\(message)")
        let panels = view.isRepeated ? 1 : view.features.panels(lanes)
        #expect(view.panel + panels <= value.features.panels(lanes) && view.lane < lanes, "\(message)")
        #expect(kernels.domain(node).subtracting(Domain(value.axes)).isEmpty, "\(message)")
        if let shift = planned.graph.operation(node).shift {
          shifted += 1
          #expect(view.shift == (shift.isAdvance ? shift.by : -shift.by), "\(message)")
          #expect((shift.isAdvance ? value.after : value.before) >= shift.by, "\(message)")
          #expect(value.axes.first == shift.axis, "\(message)")
        }
      }
    }
    #expect(shifted > 20)
  }

  /// Scores of attention lie in long runs: along the time axis that is not the outermost one.
  @Test func otherTimeAxesComeLastInMemory() throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis s: time
        axis b: batch

        %0 q: f32 {t, b} = input
        %1 k: f32 {s, b} = input
        %2: f32 {t, s, b} = multiply(q, k)

        output y = %2
        """)
    let plan = Plan(graph)
    let scores = try #require(plan.values.first { $0.node == NodeID(2) })
    #expect(scores.axes == [Axis(0), Axis(2), Axis(1)])
    let read = try Plan(parsing: plan.description, of: graph)
    #expect(read.values.map(\.axes) == plan.values.map(\.axes))
  }

  /// Two nodes share numbers only if one is a part of the other: nodes that are computed have panels of their own.
  @Test func whatIsComputedHasPanelsOfItsOwn() throws {
    var shared = 0
    for planned in try PlannedGraph.all.get() {
      let (kernels, values) = (planned.kernels, planned.storage.values)
      var taken: [Int: [(panels: Range<Int>, node: NodeID)]] = [:]
      for (node, view) in views(planned).sorted(by: { $0.key < $1.key }) {
        switch kernels[node] {
        case .view, .shift, .join, .constant, .assembled: continue
        case .leaf, .elementwise, .build, .product, .outer, .reduceRows, .sumColumns, .strided, .general: break
        }
        let panels = view.panel..<view.panel + view.features.panels(values[view.value].storage.lanes)
        for other in taken[view.value] ?? [] {
          #expect(!other.panels.overlaps(panels), "\(planned.name): %\(node.index) and %\(other.node.index)")
          shared += 1
        }
        taken[view.value, default: []].append((panels, node))
      }
    }
    // Operands of joins lie side by side.
    #expect(shared > 20)
  }
}
