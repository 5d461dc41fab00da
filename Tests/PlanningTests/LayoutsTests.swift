import EbbCells
import EbbGraph
import EbbTensors
import Testing

@testable import EbbPlanning

/// Where the panels of a node's features begin.
@Suite struct LayoutsTests {
  /// A layout divides a node's own features.
  @Test func layoutsHoldEveryFeature() throws {
    for planned in try PlannedGraph.all.get() {
      for node in planned.kernels.computed where planned.kernels.hasRows(node) {
        #expect(planned.layouts.layout(node).count == planned.kernels.features(node), "\(planned.name), %\(node.index)")
      }
    }
  }

  /// What an elementwise node reads, and what a delay delays, lies as the node does, so that nothing has to be moved.
  @Test func whatMeetsFeatureByFeatureLiesAlike() throws {
    var alike = 0
    for planned in try PlannedGraph.all.get() {
      let kernels = planned.kernels
      for node in kernels.computed where kernels.hasRows(node) {
        guard kernels[node] == .elementwise || kernels[node] == .shift else { continue }
        for operand in kernels.operands(node)
        where kernels.hasRows(operand) && !kernels.isConstant(operand)
          && kernels.features(operand) == kernels.features(node)
        {
          #expect(planned.layouts.layout(operand) == planned.layouts.layout(node), "\(planned.name), %\(node.index)")
          alike += planned.layouts.layout(node).pieces.count > 1 ? 1 : 0
        }
      }
    }
    #expect(alike > 20)
  }

  /// Each operand of a join begins on a panel of its own there and has the same panels; so has each slice.
  @Test func joinsAndSlicesAreCutWhereTheyMeet() throws {
    var (joined, cut) = (0, 0)
    for planned in try PlannedGraph.all.get() {
      let (kernels, layouts) = (planned.kernels, planned.layouts)
      for node in kernels.computed {
        let lanes = kernels.storage(node).lanes
        if kernels[node] == .join {
          let layout = layouts.layout(node)
          var start = 0
          for operand in kernels.operands(node) {
            let panel = try #require(layout.panel(of: start, lanes), "\(planned.name), %\(node.index)")
            let count = kernels.features(operand)
            if kernels.hasRows(operand) {
              #expect(layout.part(from: panel, count: count, lanes) == layouts.layout(operand), "\(planned.name)")
            }
            start += count
            joined += 1
          }
        } else if kernels[node] == .view, let (start, count) = kernels.run(of: node), count > 1 {
          let layout = layouts.layout(kernels.operands(node)[0])
          let panel = try #require(layout.panel(of: start, lanes), "\(planned.name), %\(node.index)")
          #expect(layout.part(from: panel, count: count, lanes) == layouts.layout(node), "\(planned.name)")
          cut += 1
        }
      }
    }
    #expect(joined > 20 && cut > 20, "\(joined) and \(cut)")
  }

  /// A vector that meets itself, shifted by a few features, is copied: of views, each cut would be the reason for the
  /// next one, until every feature had a panel of its own.
  @Test(arguments: [1, 2, 31, 33, 38]) func whatIsShiftedKeepsItsPanels(distance: Int) throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [40] = input
        %1: f32 [40] = constant(0)
        %2: f32 {t, b} [40] = delay(%6, initial %1; along t)
        %3: f32 {t, b} [\(40 - distance)] = slice(%2; dimension 0, start \(distance), count \(40 - distance))
        %4: f32 {t, b} [\(distance)] = slice(%2; dimension 0, start 0, count \(distance))
        %5: f32 {t, b} [40] = concatenate(%3, %4; dimension 0)
        %6: f32 {t, b} [40] = add(x, %5)

        output y = %6
        """)
    let planned = PlannedGraph("shifted by \(distance)", graph, lengths: [5, 9])
    for node in planned.kernels.computed where planned.kernels.hasRows(node) {
      #expect(planned.layouts.layout(node).pieces.count <= 4, "%\(node.index)")
    }
    #expect(planned.kernels[NodeID(3)] == .strided && planned.kernels[NodeID(5)] == .strided)
    #expect(planned.plan.problem == nil)
  }

  /// Gates of a few units are pieces as before: each is a panel of its own wherever it is read.
  @Test func gatesAreViews() throws {
    let planned = try PlannedGraph(LSTM(units: 3))
    let graph = planned.graph
    let copied = planned.kernels.computed.filter { node in
      guard graph.type(node).shape.rank == 1, planned.kernels[node] == .strided else { return false }
      if case .slice = graph.operation(node) { return true }
      if case .concatenate = graph.operation(node) { return true }
      return false
    }
    #expect(copied.isEmpty)
  }

  /// Every feature has a lane of its own, and all ways to find it agree.
  @Test(arguments: [[1], [32], [33], [4, 6], [40, 40, 1, 31], [64, 1, 2]], [16, 32])
  func featuresHaveLanesOfTheirOwn(pieces: [Int], lanes: Int) {
    let layout = FeatureLayout(pieces: pieces)
    let offsets = layout.offsets(lanes)
    #expect(offsets.count == layout.count)
    #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 })
    #expect(layout.lanesInUse(lanes).count == layout.panels(lanes))
    #expect(layout.lanesInUse(lanes).reduce(0) { $0 + Int($1) } == layout.count)
    for (panel, used) in layout.lanesInUse(lanes).enumerated() {
      #expect(offsets.filter { $0 / lanes == panel }.map { $0 % lanes } == Array(0..<Int(used)))
    }
    var start = 0
    for piece in pieces {
      #expect(layout.panel(of: start, lanes) == offsets[start] / lanes)
      if piece > 1 { #expect(layout.panel(of: start + 1, lanes) == nil) }
      start += piece
    }
  }
}
