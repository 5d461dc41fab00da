import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms

@testable import EbbPlanning

/// A graph and what each step of planning has decided about it.
struct PlannedGraph: Sendable {
  var name: String
  var graph: Graph
  var lengths: [Int]
  let kernels: KernelSelection
  let placed: Placement
  /// After sinking; the same with running sums is that of the schedules.
  let sunk: Placement
  let layouts: Layouts
  let schedules: Schedules
  let storage: Storage
  let plan: Plan

  var placement: Placement { schedules.placement }

  init(_ name: String, _ graph: Graph, lengths: [Int], chunkRows: Int? = nil) {
    self.name = name
    self.graph = graph
    kernels = KernelSelection(graph)
    placed = Placement(kernels)
    sunk = placed.sinking()
    let placement = sunk.joiningMatrices().keepingRunningSums()
    layouts = Layouts(placement)
    schedules = Schedules(placement, layouts)
    storage = Storage(schedules)
    var plan = Plan(storage, Emitter(storage))
    plan.sumChunkRows = chunkRows
    self.plan = plan
    self.lengths = plan.completed(lengths)
  }

  /// A random graph with its gradients, after the passes.
  init(_ name: String, _ sample: RandomGraph) throws {
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (index, gradient) in gradients.enumerated() { graph.setOutput("d\(index)", gradient) }
    self.init(
      name, try Passes.optimized(graph), lengths: try graph.lengths(for: sample.bindings), chunkRows: 1)
  }

  /// One step of training of a cell; axes of 37 steps and 9 rows.
  init(_ cell: some RecurrentCell, ragged: Bool = false) throws {
    let graph = try RunningSumTests.step(cell, element: .float32, ragged: ragged).graph
    let lengths = graph.axes.map { $0.kind == .time ? 37 : 9 }
    self.init("\(type(of: cell))", graph, lengths: lengths, chunkRows: 16)
  }

  /// What the suites of the steps look at: random graphs of each kind, and cells. Planned once for all of them.
  static let all = Result { try random.get() + cells.get() }
  static let random = Result {
    try (0..<UInt64(RandomGraph.seedCount(9))).map { seed in
      var options = RandomGraph.Options()
      options.element = seed % 2 == 0 ? .float64 : .float32
      options.reducesProducts = seed % 3 == 0
      options.branches = seed % 4 == 1 ? 2...3 : 0...0
      options.allowsRagged = seed % 3 != 1
      return try PlannedGraph("random graph \(seed)", RandomGraph.make(seed: 900 + seed, options: options))
    }
  }
  static let cells = Result {
    let (narrow, wide): (any RecurrentCell, [any RecurrentCell]) = (
      LSTM(units: 5),
      [LSTM(units: 40), LayerNormLSTM(units: 17), PeepholeLSTM(units: 8), Bidirectional(GRU(units: 6), LSTM(units: 5))]
    )
    return try wide.map { try PlannedGraph($0) } + [PlannedGraph(narrow, ragged: true)]
  }

  /// The operands of a node that its stage must have when it computes the node: a shift in its own sweep reads another
  /// step.
  func readsWithinStep(_ node: NodeID) -> [NodeID] {
    let operands = kernels.operands(node)
    let isCarried =
      graph.operation(node).shift != nil && placed.sweep(node) != nil
      && placed.stage(operands[0]) == placed.stage(node)
    return isCarried ? Array(operands.dropFirst()) : operands
  }

  /// The number of indices of a domain.
  func count(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }
}
