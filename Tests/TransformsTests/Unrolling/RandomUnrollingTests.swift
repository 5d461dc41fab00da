import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Random graphs and their gradients, unrolled along each time axis: the same numbers.
struct RandomUnrollingTests {
  @Test(arguments: Array(stride(from: 0, to: RandomGraph.seedCount(152), by: 8)), RandomGraph.Kind.allCases)
  func unrolledIsRolled(from first: Int, kind: RandomGraph.Kind) throws {
    let options = RandomGraph.Options(kind)
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      try compare(random.graph, random, times(random))
    }
  }

  /// Sums at ids over rows that end at steps of their own, where the ids say nothing of the step.
  @Test(arguments: [408, 438])
  func scatteredRowsEnd(seed: UInt64) throws {
    let random = RandomGraph.make(seed: seed)
    try compare(random.graph, random, times(random))
  }

  @Test(arguments: Array(stride(from: 4000, to: 4040, by: 8)), [RandomGraph.Kind.plain, .grids, .histories])
  func gradientsOfTheUnrolledAreUnrolledGradients(from first: Int, kind: RandomGraph.Kind) throws {
    var options = RandomGraph.Options(kind)
    options.operations = 3...7
    if kind == .plain { options.recurrences = 0...2 }
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      // Rolled gradients as outputs; then unroll∘gradient …
      var graph = random.graph
      let gradients = try graph.gradient(of: random.loss, withRespectTo: random.parameters)
      for (node, gradient) in zip(random.parameters, gradients) {
        graph.setOutput("gradient " + (graph.name(node) ?? ""), gradient)
      }
      let expected = try Interpreter.run(graph, random.bindings)
      try compare(graph, random, times(random))
      // … and gradient∘unroll.
      for axis in times(random) {
        let steps = try random.graph.lengths(for: random.bindings)[axis.index]
        var unrolled = try random.graph.unrolled(axis, steps: steps)
        guard let loss = unrolled.output(named: "loss") else { continue }
        let parameters = random.parameters.compactMap { unrolled.node(named: random.graph.name($0) ?? "") }
        let gradients = try unrolled.gradient(of: loss, withRespectTo: parameters)
        for (node, gradient) in zip(parameters, gradients) {
          unrolled.setOutput("gradient " + (unrolled.name(node) ?? ""), gradient)
        }
        let problems = DerivativeCheck.malformations(unrolled)
        #expect(problems.isEmpty, "\(random)\n\(problems)")
        let found = try Interpreter.run(
          unrolled, random.graph.unrolledBindings(random.bindings, over: axis, steps: steps))
        for (name, value) in expected where name.hasPrefix("gradient ") {
          let error = found[name].map { maximumRelativeError($0, value) } ?? .infinity
          #expect(error < 1e-9, "\(name) differs by \(error) in the gradient of unrolled \(axis) of \(random)")
        }
      }
    }
  }

  /// The axes that can be unrolled: those of time, without those of pasts.
  private func times(_ random: RandomGraph) -> [Axis] {
    random.graph.axes.indices.map { Axis($0) }.filter { axis in
      let description = random.graph.description(of: axis)
      return description.kind == .time && description.steps == nil
    }
  }

  private func compare(_ graph: Graph, _ random: RandomGraph, _ axes: [Axis]) throws {
    let expected = try Interpreter.run(graph, random.bindings)
    for axis in axes {
      let steps = try graph.lengths(for: random.bindings)[axis.index]
      let unrolled = try graph.unrolled(axis, steps: steps)
      let problems = DerivativeCheck.malformations(unrolled)
      #expect(problems.isEmpty, "\(random)\n\(problems)")
      guard problems.isEmpty else { continue }
      let bindings = try graph.unrolledBindings(random.bindings, over: axis, steps: steps)
      let found = graph.rolledOutputs(try Interpreter.run(unrolled, bindings), over: axis, steps: steps)
      #expect(found.count == expected.count)
      for (name, value) in expected {
        let error = found[name].map { maximumRelativeError($0, value) } ?? .infinity
        #expect(error < 1e-10, "\(name) differs by \(error) after unrolling \(axis) of \(random)")
      }
    }
  }
}
