import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

@testable import EbbDiagnostics

/// A cell whose own equations clip: what a gate lets through, and a state beside the one that the scope clips.
private struct Gated: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let m = scope.state("m", units, clip: .value(0.02))
    let z = clipGradient(sigmoid(scope.affine("gate", [h, x], units)), .norm(0.01))
    let inner = scope.run(GRU(units: units), m + z, named: "inner")
    return h.next(z * h + (1 - z) * m.next(tanh(scope.affine("memory", [m, inner], units))))
  }
}

/// The gradient that clips and truncations leave is differentiated as the function that it is, in networks as they are
/// built: against central differences of its own values in Float64, rolled and unrolled.
@Suite struct ClippedCurvatureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var truncation = 0
    var isRagged = false
    var network: @Sendable (Scope, _ x: Signal) -> Signal
  }

  static let cases: [Case] = [
    Case(testDescription: "stacked") { scope, x in
      let inner = scope.clipping(.norm(0.02))
      return inner.run(GRU(units: 3), inner.run(LSTM(units: 2), x, named: "first"), named: "second")
    },
    Case(testDescription: "stacked, each its own", truncation: 2) { scope, x in
      let first = scope.clipping(.value(0.01)).run(LSTM(units: 2), x, named: "first")
      return scope.clipping(.norm(0.03)).run(PeepholeLSTM(units: 2), first, named: "second")
    },
    Case(testDescription: "nested", truncation: 3) { scope, x in
      scope.clipping(.norm(0.05)).run(Gated(units: 3), x, named: "outer")
    },
    Case(testDescription: "bidirectional") { scope, x in
      let forward = scope.clipping(.norm(0.02)).run(LSTM(units: 2), x, named: "forward")
      let backward = scope.reversed.clipping(.value(0.01)).run(GRU(units: 2), x, named: "backward")
      return concatenate([forward, backward])
    },
    Case(testDescription: "ragged", isRagged: true) { scope, x in
      scope.clipping(.norm(0.02)).run(LayerNormLSTM(units: 3), x)
    },
    Case(testDescription: "ragged, truncated, stacked", truncation: 2, isRagged: true) { scope, x in
      let first = scope.clipping(.norm(0.02)).run(MinimalGatedUnit(units: 2), x, named: "first")
      return scope.run(GRU(units: 2), first, named: "second")
    },
    Case(testDescription: "ragged, bidirectional", isRagged: true) { scope, x in
      let forward = scope.clipping(.value(0.01)).run(GRU(units: 2), x, named: "forward")
      let backward = scope.reversed.clipping(.norm(0.02)).run(GRU(units: 2), forward, named: "backward")
      return concatenate([forward, backward])
    },
  ]

  @Test(arguments: cases) func isTheDerivativeOfWhatTheFirstComputes(_ example: Case) throws {
    let (steps, samples) = (6, 3)
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t", truncation: example.truncation)
      let batch = scope.batch("b")
      if example.isRagged { scope.lengths("lengths", of: time, over: [batch]) }
      let x = scope.input("x", [2], over: [time, batch])
      scope.output("loss", 5 * sum(square(example.network(scope.over(time), x) + 0.3)))
    }
    var graph = recording.graph
    graph.removeOutputs()
    let loss = try #require(recording.graph.output(named: "loss"))
    let nodes = recording.parameters.map(\.node)
    // v · dL/dθ, which is differentiated again.
    func projected(_ graph: inout Graph) throws -> NodeID {
      let gradients = try graph.gradient(of: loss, withRespectTo: nodes)
      let terms = zip(recording.parameters, gradients).map { parameter, gradient in
        let leaf = graph.appendLeaf(.input, graph.type(parameter.node), name: "v/" + parameter.name)
        return graph.dot(leaf, gradient)
      }
      let sum = graph.sum(of: terms)
      return sum
    }
    let first = try projected(&graph)
    graph.setOutput("first", first)
    for (parameter, second) in zip(recording.parameters, try graph.gradient(of: first, withRespectTo: nodes)) {
      graph.setOutput(parameter.name, second)
    }

    var bindings = Bindings(recording.initialValues(seed: 5))
    func numbers(_ count: Int, _ stream: UInt64) -> [Double] {
      RandomStream(seed: 9, stream: stream).normals(1, 1, count)
    }
    bindings.values["x"] = Tensor([steps, samples, 2], numbers(steps * samples * 2, 1))
    if example.isRagged { bindings.values["lengths"] = Tensor([samples], [6, 1, 4] as [Int32]) }
    var direction: [String: [Double]] = [:]
    for (index, parameter) in recording.parameters.enumerated() {
      let count = parameter.shape.count
      bindings.values["v/" + parameter.name] = Tensor(parameter.shape.array, numbers(count, 100 + UInt64(index)))
      direction[parameter.name] = numbers(count, 200 + UInt64(index))
    }
    func moved(by step: Double) -> Bindings {
      var result = bindings
      for parameter in recording.parameters {
        guard let value = bindings.values[parameter.name], let along = direction[parameter.name] else { continue }
        result.values[parameter.name] = Tensor(
          parameter.shape.array, zip(value.doubles, along).map { $0 + step * $1 })
      }
      return result
    }

    // The clips do something: without them the gradient is another one.
    var unmarked = recording.graph
    unmarked.removeOutputs()
    let places = unmarked.appendUnmarked([loss])
    let plain = try unmarked.gradient(of: places[0], withRespectTo: nodes)
    let plainTerms = zip(recording.parameters, plain).map { parameter, gradient in
      unmarked.dot(unmarked.appendLeaf(.input, unmarked.type(parameter.node), name: "v/" + parameter.name), gradient)
    }
    let plainSum = unmarked.sum(of: plainTerms)
    unmarked.setOutput("first", plainSum)

    var found: [Double] = []
    for run in runOptions() {
      let program = try CompiledDiagnostic(graph, over: Axis(0), bindings, run)
      func value(_ step: Double) throws -> Double { try program.run(moved(by: step))["first"].doubles[0] }
      let outputs = try program.run(bindings)
      let analytic = recording.parameters.reduce(0.0) { sum, parameter in
        let second = outputs[parameter.name].doubles
        return sum + zip(second, direction[parameter.name] ?? []).reduce(0) { $0 + $1.0 * $1.1 }
      }
      found.append(analytic)
      let free = try CompiledDiagnostic(unmarked, over: Axis(0), bindings, run).run(bindings)["first"].doubles[0]
      let own = try value(0)
      #expect(abs(own - free) > 1e-3 * abs(free), "the marks change nothing")
      let h = 1e-5
      let numeric = (8 * (try value(h) - value(-h)) - (try value(2 * h) - value(-2 * h))) / (12 * h)
      #expect(abs(analytic - numeric) <= 2e-6 * max(abs(numeric), abs(own)), "\(analytic) instead of \(numeric)")
      if found.count > 1 { #expect(abs(analytic - found[0]) <= 1e-9 * abs(found[0])) }
    }
  }
}
