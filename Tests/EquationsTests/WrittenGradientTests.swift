import EbbEquations
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// The adjoint equations give the derivative of the cell's graph, for random parameters, inputs and ∂L/∂h.
@Suite struct WrittenGradientTests {
  @Test(arguments: WritingTests.library.map(\.0) + PublishedCellTests.cells)
  func adjointEquationsGiveTheDerivative(_ name: String) throws {
    // Nothing is trained, or the gradient goes through a past.
    if ["esn", "lstmn"].contains(name) || PublishedCellTests.withPast.contains(name) { return }
    let cell = try WritingTests.library.first { $0.0 == name }?.1 ?? PublishedCellTests.cell(name, units: 4)
    try Self.expectDerivative(of: cell)
  }

  static func expectDerivative(of cell: some RecurrentCell) throws {
    var graph = try CellEquations(of: cell, features: 3, part: .gradient).graph
    let written = graph.outputs.map(\.name).filter { $0 != "y" }
    #expect(!written.isEmpty)
    // L = Σ (∂L/∂h)ᵀ h
    let seed = try #require(graph.nodes.first { graph.operation($0) == .input && graph.name($0) != "x" })
    let output = try #require(graph.output(named: "y"))
    let loss = graph.total(of: graph.summedOverFeatures(graph.multiply(seed, output)))
    let parameters = graph.nodes.filter { graph.operation($0) == .parameter }
    var bindings = Bindings()
    let stream = RandomStream(seed: 7, stream: 0)
    for (index, node) in graph.nodes.filter({ graph.operation($0).isGiven }).enumerated() {
      let type = graph.type(node)
      guard type.element.isFloat, let name = graph.name(node) else { continue }
      let dimensions = (type.domain.isEmpty ? [] : [5, 2]) + type.shape.array
      let values = (0..<dimensions.reduce(1, *)).map {
        stream.value(.normal, at: [UInt32(index), 0, 0], element: UInt32($0)) * 0.6
      }
      bindings.values[name] = Tensor(dimensions, values, as: type.element)
    }
    let derivatives = try graph.gradient(of: loss, withRespectTo: parameters)
    for (parameter, derivative) in zip(parameters, derivatives) {
      graph.setOutput("expected." + (graph.name(parameter) ?? ""), derivative)
    }
    let results = try Interpreter.run(graph, bindings)
    var compared = 0
    for parameter in parameters {
      let name = graph.name(parameter) ?? ""
      guard let found = results["dL-d" + name], let expected = results["expected." + name] else { continue }
      compared += 1
      let scale = expected.doubles.map { abs($0) }.max() ?? 0
      for (a, b) in zip(found.doubles, expected.doubles) {
        #expect(abs(a - b) <= 1e-4 * max(scale, 1e-3), "\(name): \(a) instead of \(b)")
      }
    }
    #expect(compared == written.count)
  }
}
