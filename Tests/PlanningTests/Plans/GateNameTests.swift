import EbbCells
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTransforms
import Testing

/// The names of gates cost nothing.
@Suite struct GateNameTests {
  static let cells: [any RecurrentCell] = [
    LSTM(units: 3), GRU(units: 3), ResetAfterGRU(units: 3), PeepholeLSTM(units: 3), LayerNormLSTM(units: 3),
    MinimalGatedUnit(units: 3), CoupledGateLSTM(units: 3), UpdateGateRNN(units: 3), MUT1(units: 3), MUT2(units: 3),
    MUT3(units: 3), ScalarLSTM(units: 3), MinGRU(units: 3), MinLSTM(units: 3), CoRNN(units: 3), UnICORNN(units: 3),
    LongExpressiveMemory(units: 3), AntisymmetricRNN(units: 3, isGated: true),
  ]

  @Test(arguments: cells.indices)
  func plansAreThoseOfCellsWithoutNames(index: Int) throws { try comparePlans(Self.cells[index]) }

  private func comparePlans(_ cell: some RecurrentCell) throws {
    let recording = try Recording(cell, features: 2) { scope, y in scope.output("loss", mean(square(y))) }
    #expect(!recording.intermediates.isEmpty)
    let named = try plan(recording.graph, recording)
    let plain = try plan(try unnamed(recording), recording)
    #expect(named.graph.operations == plain.graph.operations)
    for node in named.graph.nodes { #expect(named.graph.operands(node) == plain.graph.operands(node)) }
    #expect("\(named.stages)" == "\(plain.stages)")
    #expect("\(named.values)" == "\(plain.values)")
    #expect(named.inputs == plain.inputs)
    #expect(named.outputs == plain.outputs)
  }

  /// The same equations, with names for parameters and inputs only.
  private func unnamed(_ recording: Recording) throws -> Graph {
    var graph = Graph()
    let source = recording.graph
    for axis in source.axes { _ = graph.addAxis(axis) }
    for node in source.nodes {
      let copy = graph.appendUnchecked(source.operation(node), Array(source.operands(node)), source.type(node))
      let isLeaf = source.operation(node) == .parameter || source.operation(node) == .input
      if isLeaf, let name = source.name(node) { graph.setName(name, of: copy) }
    }
    for output in source.outputs { graph.setOutput(output.name, output.node) }
    try graph.verify()
    return graph
  }

  private func plan(_ source: Graph, _ recording: Recording) throws -> Plan {
    var graph = source
    let loss = try #require(graph.output(named: "loss"))
    let parameters = recording.parameters
    for (parameter, gradient) in zip(
      parameters, try graph.gradient(of: loss, withRespectTo: parameters.map(\.node)))
    { graph.setOutput("gradient/" + parameter.name, gradient) }
    return Plan(try Passes.optimized(graph))
  }
}
