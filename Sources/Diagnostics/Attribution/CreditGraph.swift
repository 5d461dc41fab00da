internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The graph of some rows of the credit matrix: adjoints over two further axes, of rows and of probes.
///
/// Row s is the adjoint of Σ_t [⌊t / block⌋ = s] ε_t L_t, separate from the other rows. With blocks of one step the
/// seed is [s = t].
struct CreditGraph {
  private(set) var graph: Graph
  /// The norms, or the adjoints themselves, by state.
  private(set) var results: [NodeID] = []
  let rows: Axis
  let probes: Axis
  let time: Axis

  enum Name {
    /// The first row of a run: an Int32.
    static let first = "credit/first"
    /// ε, for each step, sample and probe.
    static let signs = "credit/signs"
    static func result(_ state: String) -> String { "credit/\(state)" }
  }

  /// - Parameter vectors: Whether the adjoints are wanted instead of their norms.
  init(
    _ recording: Recording, loss: NodeID, over time: Axis, block: Int, vectors: Bool = false
  ) throws(GraphError) {
    var graph = recording.graph
    graph.removeOutputs()
    let coordinates = graph.coordinateAxes
    let rows = graph.addBatchAxis(named: "s")
    let probes = graph.addBatchAxis(named: "probe")
    let type = graph.type(loss)
    let signs = graph.appendLeaf(.input, NodeType(type.element, type.domain.inserting(probes)), name: Name.signs)
    let seeded = graph.multiply(loss, signs)
    let row = graph.appendRowCondition(rows, time, block: block)
    let rowLoss = graph.select(row, seeded, graph.constant(0, like: seeded))
    let adjoints = try graph.gradient(
      of: rowLoss, withRespectTo: recording.states.map(\.value), keeping: [rows, probes])
    for (state, adjoint) in zip(recording.states, adjoints) {
      let result =
        vectors
        ? graph.appendCoordinates(of: adjoint, along: coordinates) : graph.appendNorm(of: adjoint, along: coordinates)
      results.append(result)
      graph.setOutput(Name.result(state.name), result)
    }
    try graph.verify()
    (self.graph, self.rows, self.probes, self.time) = (graph, rows, probes, time)
  }
}

extension Graph {
  /// Whether ⌊t / block⌋ is the row: the index along the axis of rows plus an input, the first row of the run.
  mutating func appendRowCondition(_ rows: Axis, _ time: Axis, block: Int) -> NodeID {
    let first = appendLeaf(.input, NodeType(.int32), name: CreditGraph.Name.first)
    let row = add(append(.axisIndex(rows), []), first)
    let index = append(.axisIndex(time), [])
    let own = block == 1 ? index : binary(.floorDivide, index, constant(Double(block), .int32))
    return compare(.equal, own, row)
  }
}
