import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Gradients of networks that read their own past.
@Suite struct HistoryNormTests {
  /// h_t = c Σ_{s<t} h_s + Σ x_t
  struct Adding: RecurrentCell {
    var factor: Double
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let past = scope.past()
      let h = scope.state("h", 1)
      return h.next(factor * sum(h.history(along: past), over: [past]) + sumOverFeatures(x))
    }
  }

  /// dL/dh_{T−1−k} = c (1 + c)^{k−1} for L = h_{T−1}: each step receives from all later ones.
  @Test(arguments: [0.25, -0.5, 1])
  func gradientsComeFromAllLaterSteps(factor: Double) throws {
    var experiment = FlowExperiment(length: 20, features: 1, batch: 2, element: .float64)
    for isUnrolled in [false, true] {
      experiment.run.isUnrolled = isUnrolled
      let trial = try experiment.trial(of: Adding(factor: factor))
      let h = try #require(try Diagnostics.logNorms(of: trial)["h"])
      let detail = try Diagnostics.gradientDetail(of: trial).values[0].total
      let last = h.logs[19]
      for lag in 1..<20 {
        let expected = log(abs(factor)) + Double(lag - 1) * log(1 + factor)
        for sample in 0..<2 {
          #expect(abs(h.logs[19 - lag][sample] - last[sample] - expected) < 1e-12)
          let ratio = detail.steps[19 - lag][sample] / detail.steps[19][sample]
          #expect(abs(log(abs(ratio)) - expected) < 1e-12)
        }
      }
    }
  }

  /// What follows the gradient from step to step says that there is more than that.
  @Test func oneStepIsNotTheWholeNetwork() throws {
    let trial = try FlowExperiment(length: 6, features: 1, batch: 1).trial(of: Adding(factor: 0.5))
    for measure in [
      { _ = try StateSpace(trial.recording) }, { _ = try Diagnostics.creditVectors(of: trial) },
    ] as [() throws -> Void] {
      let error = #expect(throws: DiagnosticError.self) { try measure() }
      #expect("\(String(describing: error))".contains("a step reads the past of a value"))
    }
  }
}
