import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import EbbTransforms
import Testing

@testable import EbbDiagnostics

/// Gradients of gates, which the library's cells name.
@Suite struct GateTests {
  @Test func theGradientOfAForgetGateIsThatOfTheCellTimesWhatItKeeps() throws {
    // c' = f ⊙ c + i ⊙ c̃: dL/df = dL/dc' ⊙ c, dL/di = dL/dc' ⊙ c̃
    let experiment = FlowExperiment(length: 5, features: 2, batch: 2, element: .float64)
    let recording = try experiment.record(LSTM(units: 3))
    let bindings = experiment.bindings(for: recording)
    for run in runOptions() {
      let detail = try Diagnostics.gradientDetail(
        of: Trial(recording, bindings, run: run), names: ["forget", "c", "input"])
      #expect(detail.values.map(\.name) == ["forget", "c", "input"])
      #expect(detail.values.map(\.isState) == [false, true, false])
      let records = try Diagnostics.activations(of: Trial(recording, bindings))
      func values(_ name: String) throws -> [[Double]] { try #require(records.first { $0.name == name }).steps }
      let (cell, candidate) = (try values("c"), try values("candidate"))
      let (forget, c, input) = (detail.values[0].total, detail.values[1].total, detail.values[2].total)
      for t in 0..<5 {
        let before = t == 0 ? [Double](repeating: 0, count: 6) : cell[t - 1]
        #expect(forget.steps[t].isClose(to: zip(c.steps[t], before).map { $0 * $1 }, 1e-14))
        #expect(input.steps[t].isClose(to: zip(c.steps[t], candidate[t]).map { $0 * $1 }, 1e-14))
      }
    }
    #expect { try Diagnostics.gradientDetail(of: experiment.trial(of: LSTM(units: 2)), names: ["frget"]) } throws: {
      "\($0)".contains("frget") && "\($0)".contains("forget")
    }
  }

  /// A trainer measures what it is asked for, whatever it measured before under the same name.
  @Test func diagnosticsOfOneTrainerKeepApart() throws {
    let recording = try Recording(LSTM(units: 3), features: 2) { scope, y in
      scope.output("loss", mean(square(y)))
      scope.output("tenfold", 10 * mean(square(y)))
    }
    let trainer = try Trainer(recording, seed: 4)
    let batch = ["x": Tensor([4, 2, 2], scattered(16), as: .float32)]
    func gradient(of loss: String) throws -> [Double] {
      let detail = try trainer.measure(.gradientDetail(of: recording, loss: loss, names: ["c"]), on: batch)
      return try #require(detail["c"]).total.steps.flatMap { $0 }
    }
    let (one, ten) = (try gradient(of: "loss"), try gradient(of: "tenfold"))
    #expect(ten.isClose(to: one.map { 10 * $0 }, 1e-6) && one.contains { $0 != 0 })
    func output(_ node: NodeID?) throws -> [Double] {
      let node = try #require(node)
      let diagnostic = try Diagnostic("value", of: recording) { graph, _ throws(GraphError) in
        graph.setOutput("value", node)
        return { $0["value"].doubles }
      }
      return try trainer.measure(diagnostic, on: batch)
    }
    let losses = try ["loss", "tenfold"].map { try output(recording.graph.output(named: $0)) }
    #expect(losses[1].isClose(to: losses[0].map { 10 * $0 }, 1e-6) && losses[0] != [0])
  }

  @Test func gradientsAreWatchedEverySoManySteps() throws {
    let recording = try Recording(LSTM(units: 3), features: 2) { scope, y in scope.output("loss", mean(square(y))) }
    let batch = ["x": Tensor([4, 2, 2], scattered(16), as: .float32)]
    func losses(_ watches: Bool) throws -> [Double] {
      let details = try GradientDetailMonitor(recording, names: ["c", "forget"], every: 3)
      let trainer = try Trainer(recording, seed: 4)
      var measured: [Int] = []
      let losses = try (0..<7).map { step in
        if watches, let detail = try details.detail(of: trainer, on: batch, at: step, scale: 2) {
          measured.append(step)
          #expect(detail.values.map(\.name) == ["c", "forget"])
          // The same numbers as of a measurement with the same parameters.
          let bindings = Bindings(trainer.parameters.merging(batch) { $1 })
          let expected = try Diagnostics.gradientDetail(of: Trial(recording, bindings))
          let (left, right) = (try #require(detail["forget"]), try #require(expected["forget"]))
          #expect(left.total.steps.joined().isClose(to: right.total.steps.joined().map { 2 * $0 }, 1e-7))
          #expect(try #require(left.direct).steps.joined().contains { $0 != 0 })
        }
        return try trainer.step(batch).loss
      }
      #expect(measured == (watches ? [0, 3, 6] : []))
      return losses
    }
    #expect(try losses(true) == losses(false), "watching does not touch training")
    #expect { try GradientDetailMonitor(recording, every: 0) } throws: { "\($0)".contains("every 0") }
  }

  /// Floating-point operations of the optimised programs, which no shared machine disturbs.
  @Test func watchingCostsLittle() throws {
    func operations(_ graph: Graph) throws -> Double {
      Double(ArithmeticCount(try Passes.optimized(graph), lengths: [100, 32]).total)
    }
    let (plain, normed) = (
      try TrainingStepGraph(LSTM(units: 128), features: 64),
      try TrainingStepGraph(LSTM(units: 128), features: 64, gradientNorms: true)
    )
    let step = try operations(plain.gradient)
    #expect(try operations(normed.gradient) < 1.05 * step)
    // Every 20th step, all states and gates, total and direct.
    let details = try GradientDetailMonitor(plain.recording)
    #expect(try operations(details.diagnostic.graph) / 20 < 0.05 * step)
  }
}
