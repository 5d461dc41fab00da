import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbReport
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@testable import EbbGradientFlow

/// Elman's network in another form than the library's: two products, and a state under another name.
private struct Split: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let s = scope.state("s", units)
    let weights = [Initializer.orthogonal(gain: 1.2)]
    return s.next(tanh(scope.affine("fromInput", [x], units) + scope.affine("fromState", [s], units, weights: weights)))
  }
}

/// h' = (1 − u) ⊙ h̃ + u ⊙ h
private struct KeptByGate: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let keep = sigmoid(scope.affine("keep", [h, x], units, bias: .constant(2)))
    return h.next((1 - keep) * tanh(scope.affine("candidate", [h, x], units)) + keep * h)
  }
}

@Suite struct PortraitTests {
  private static let experiment = FlowExperiment(
    length: 24, features: 3, batch: 2, element: .float64, execution: ExecutionOptions(threads: 1))

  private func portrait(_ cell: some RecurrentCell, _ experiment: FlowExperiment = experiment) throws -> FlowPortrait {
    try GradientFlow.portrait(cell, experiment)
  }

  @Test func aTanhNetworkIsRecognisedByItsNumbers() throws {
    let portrait = try portrait(Split(units: 5))
    try #require(portrait.theory.map(\.name) == ["mean field", "upper bound"])
    // An orthogonal matrix times 1.2: σ_w² = 1.44 and σ₁ = 1.2.
    #expect(portrait.theory[0].explanation.contains("σ_w² = 1.44"))
    let bound = portrait.theory[1].norms
    let last = portrait.profile.states[0].total.means[23]
    for t in 0..<24 { #expect(abs(bound[t] / (last * pow(1.2, Double(23 - t))) - 1) < 1e-6) }
    // σ_b² is the mean square of what inputs and biases add, computed here from the inputs themselves.
    let observed = Self.experiment.ofOneSample
    let recording = try observed.record(Split(units: 5))
    let bindings = observed.bindings(for: recording)
    let weights = try #require(bindings.values["fromInput.weight"]).doubles
    let inputs = try #require(bindings.values["x"]).doubles
    var squares = 0.0
    for t in 1..<24 {
      for unit in 0..<5 {
        let sum = (0..<3).reduce(0) { $0 + inputs[t * 3 + $1] * weights[$1 * 5 + unit] }
        squares += sum * sum
      }
    }
    let theory = MeanFieldTheory(weightVariance: 1.44, biasVariance: squares / Double(23 * 5))
    let predicted = theory.gradientNorms(length: 24, last: last)
    for t in 0..<24 { #expect(abs(portrait.theory[0].norms[t] / predicted[t] - 1) < 1e-6) }
  }

  @Test func aMemoryBehindAGateIsRecognised() throws {
    let portrait = try portrait(LSTM(units: 4))
    #expect(portrait.theory.map(\.state) == ["c"])
    let kept = try self.portrait(KeptByGate(units: 4)).theory
    try #require(kept.map(\.name) == ["own path"])
    #expect(kept[0].explanation.contains("`keep` keeps the state"))
    let gru = try #require(try self.portrait(GRU(units: 4)).theory.first)
    #expect(gru.explanation.contains("`1 − update` keeps the state"))
    // √E f² from the gates themselves.
    let observed = Self.experiment.ofOneSample
    let recording = try observed.record(KeptByGate(units: 4))
    let records = try GradientFlow.activations(of: recording, observed.bindings(for: recording))
    let gates = try #require(records.first { $0.name == "keep" }).steps.flatMap { $0 }
    let factor = (gates.reduce(0) { $0 + $1 * $1 } / Double(gates.count)).squareRoot()
    #expect(abs(kept[0].norms[22] / kept[0].norms[23] / factor - 1) < 0.01)
  }

  @Test func whatNoTheorySpeaksOfHasNone() throws {
    #expect(try portrait(SimpleRNN(units: 4, activation: .relu)).theory.isEmpty)
    var clipped = Self.experiment
    clipped.clip = .norm(0.1)
    #expect(try portrait(SimpleRNN(units: 4), clipped).theory.isEmpty)
    var all = Self.experiment
    all.loss = .all
    #expect(try portrait(SimpleRNN(units: 4), all).theory.isEmpty)
  }

  @Test func dynamicsAreThoseOfTheStepJacobians() throws {
    let dynamics = try #require(try portrait(LSTM(units: 3)).dynamics)
    let spectra = try GradientFlow.stepJacobians(LSTM(units: 3), Self.experiment.ofOneSample).spectra()
    #expect(dynamics.dimension == 6 && dynamics.steps.map(\.step) == [3, 6, 9, 12, 15, 18, 21, 24])
    for step in dynamics.steps { #expect(step.spectrum == spectra[step.step - 1]) }
    let lyapunov = try GradientFlow.lyapunovSpectrum(LSTM(units: 3), Self.experiment.ofOneSample)
    #expect(dynamics.lyapunov.exponents == lyapunov.exponents)
    // Few spectra of large states, none of the largest.
    #expect(dynamics.failures.isEmpty)
    #expect(StepDynamics.spectrumCount(.init(), dimension: 128) == 8)
    #expect(StepDynamics.spectrumCount(.init(), dimension: 512) == 1)
    #expect(StepDynamics.spectrumCount(.init(), dimension: 513) == 0)
  }

  @Test func whatIsMissingIsSaid() throws {
    // Two directions have no common step.
    let portrait = try portrait(Bidirectional(SimpleRNN(units: 2), SimpleRNN(units: 2)))
    #expect(portrait.dynamics == nil && portrait.omissions.contains { $0.contains("Jacobians") })
    let page = portrait.report(cell: "both").html()
    #expect(page.contains("What is missing") && !page.contains("Lyapunov spectrum"))
  }

  @Test func thePageHasEveryPicture() throws {
    var experiment = Self.experiment
    experiment.clip = .norm(0.05)
    experiment.loss = .all
    let page = try portrait(LSTM(units: 3), experiment).report(cell: "lstm", units: 3).html()
    for text in [
      "Gradient through time", "Credit", "unit circle", "Singular values", "Lyapunov spectrum", "Saturation",
      "Clipped samples", "Norms before clipping",
    ] { #expect(page.contains(text), "\(text)") }
    let single = FlowExperiment(length: 1, features: 1, batch: 1, execution: ExecutionOptions(threads: 1))
    #expect(try portrait(SimpleRNN(units: 1), single).report(cell: "rnn").html().contains("</html>"))
  }

  @Test func threadsChangeNoNumber() throws {
    var experiment = Self.experiment
    let one = try portrait(GRU(units: 4))
    experiment.execution = ExecutionOptions(threads: 2)
    var two = try portrait(GRU(units: 4), experiment)
    two.experiment = one.experiment
    #expect(one == two)
  }
}
