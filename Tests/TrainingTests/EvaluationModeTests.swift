import EbbCells
import EbbDiagnostics
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import EbbTransforms
import Testing

/// y = what `body` makes of x over [t, b], four features.
private func recording(_ body: (Scope, Signal, _ time: Axis, _ batch: Axis) -> Signal) throws -> Recording {
  try Recording(element: .float64) { scope in
    let (time, batch) = (scope.time("t"), scope.batch("b"))
    let x = scope.input("x", [4], over: [time, batch])
    let y = body(scope, x, time, batch)
    scope.output("y", y)
    scope.output("loss", mean(square(y)))
  }
}

private let (steps, samples) = (6, 50)
private let ones = ["x": Tensor([steps, samples, 4], [Double](repeating: 1, count: steps * samples * 4))]

/// What the trained network gives, by a diagnostic, and what an evaluation gives.
private func both(_ recording: Recording) throws -> (training: [Double], evaluation: [Double]) {
  let trainer = try Trainer(recording, seed: 5)
  let y = try Diagnostic("y", of: recording) { graph, _ throws(GraphError) in
    graph.setOutput("y", recording.graph.output(named: "y")!)
    return { $0["y"].doubles }
  }
  return (try trainer.measure(y, on: ones), try trainer.evaluate(ones)["y"]!.doubles)
}

/// h' = zoneout(h, h + x)
private struct Counter: RecurrentCell {
  var rate: Double
  var axes: Domain
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 4)
    return h.next(scope.zoneout(h, h + x, rate, over: axes))
  }
}

@Suite struct EvaluationModeTests {
  @Test func dropoutIsOffInAnEvaluation() throws {
    let y = try both(recording { scope, x, time, batch in scope.dropout(x, 0.25, over: [time, batch]) })
    #expect(y.evaluation.allSatisfy { $0 == 1 })
    #expect(Set(y.training) == [0, 4.0 / 3])
    let dropped = Double(y.training.count { $0 == 0 }) / Double(y.training.count)
    // 1200 draws: a standard deviation of 0.0125.
    #expect(abs(dropped - 0.25) < 0.05)
  }

  @Test func aVariationalMaskIsTheSameAtEveryStep() throws {
    let variational = try both(recording { scope, x, _, _ in scope.run(Dropout(0.5, isVariational: true), x) })
    let stepwise = try both(recording { scope, x, _, _ in scope.run(Dropout(0.5), x) })
    func sameSteps(_ y: [Double]) -> Bool {
      let size = samples * 4
      return (1..<steps).allSatisfy { y[$0 * size..<($0 + 1) * size] == y[..<size] }
    }
    #expect(sameSteps(variational.training) && Set(variational.training) == [0, 2])
    #expect(!sameSteps(stepwise.training) && Set(stepwise.training) == [0, 2])
    #expect(variational.evaluation.allSatisfy { $0 == 1 })
  }

  /// Without zoneout h_t = t. A feature that keeps its value now and then falls behind by whole numbers; the expectation
  /// is (1 − z) t.
  @Test func zoneoutKeepsOldValuesAndEvaluatesToTheExpectation() throws {
    let y = try both(recording { scope, x, time, batch in scope.run(Counter(rate: 0.25, axes: [time, batch]), x) })
    let size = samples * 4
    for t in 0..<steps {
      #expect(y.evaluation[t * size..<(t + 1) * size].allSatisfy { abs($0 - 0.75 * Double(t + 1)) < 1e-12 })
      let values = y.training[t * size..<(t + 1) * size]
      #expect(values.allSatisfy { $0 == $0.rounded() && $0 >= 0 && $0 <= Double(t + 1) })
    }
    let last = y.training[(steps - 1) * size..<steps * size]
    // 1200 draws with a rate of 1/4: the mean of 4.5 has a standard deviation of 0.075.
    #expect(abs(last.reduce(0, +) / Double(size) - 4.5) < 0.3)
  }

  @Test func theProgramOfAnEvaluationDrawsNothing() throws {
    let network = try recording { scope, x, time, batch in scope.dropout(x, 0.5, over: [time, batch]) }
    func draws(_ graph: Graph) throws -> Bool {
      let graph = try Passes.optimized(graph)
      return graph.nodes.contains { if case .random = graph.operation($0) { true } else { false } }
    }
    #expect(try draws(network.graph))
    #expect(try !draws(network.evaluationGraph))
    #expect(network.graph.count == network.evaluationGraph.count)
    try network.evaluationGraph.verify()
  }

  @Test func aRateOfZeroDrawsNothingAndOneIsAnError() throws {
    let network = try recording { scope, x, time, batch in scope.dropout(x, 0, over: [time, batch]) }
    let plain = try recording { _, x, _, _ in x }
    #expect(network.graph.count == plain.graph.count)
    #expect { try recording { scope, x, time, _ in scope.dropout(x, 1, over: [time]) } } throws: {
      "\($0)".contains("dropout: the rate is in 0 ..< 1, not 1.0")
    }
    #expect { try recording { scope, x, time, _ in scope.run(Counter(rate: -1, axes: [time]), x) } } throws: {
      "\($0)".contains("zoneout: the rate is in 0 ..< 1, not -1.0")
    }
  }

  /// The gradient passes the features that are kept, and no others.
  @Test func trainingSeesTheMask() throws {
    struct Scaled: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        scope.parameter("w", [4], .constant(1)) * x
      }
    }
    let trainer = try Trainer(
      recording { scope, x, time, batch in
        scope.dropout(scope.run(Scaled(), x), 0.5, over: [])
      }, optimizer: SGD(learningRate: 0.125), seed: 3)
    let loss = try trainer.step(ones).loss
    // mean y² with y = 2 w where kept: the gradient is 2 · 2 · 2 w / 4 = 2 for those, so they move by 1/4.
    let moved = trainer.parameters["w"]!.doubles
    #expect(Set(moved).isSubset(of: [1, 0.75]))
    #expect(abs(loss - Double(moved.count { $0 < 1 })) < 1e-12)
    #expect(try trainer.loss(on: ones) <= 1)
  }
}
