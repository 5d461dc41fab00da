import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Which closed forms are found for a cell, and that they hold.
@Suite struct FlowTheoryTests {
  /// c' = σ(1) ⊙ c + x: the gate is known, and there is no other path.
  private struct Kept: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let c = scope.state("c", 2)
      let keep = sigmoid(scope.parameter("b", [2], .constant(1)) + 0 * x).named("keep")
      return c.next(keep * c + x)
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

  @Test func aGateOfItsBiasAloneIsExact() throws {
    let experiment = FlowExperiment(length: 30, features: 2, batch: 2, element: .float64)
    let prediction = try #require(try Diagnostics.theory(Kept(), experiment).predictions.first)
    #expect(prediction.kind == .gate && prediction.gate == "keep" && prediction.state == "c")
    let factor = 1 / (1 + exp(-1.0))
    #expect(abs(prediction.factor - factor) < 1e-12)
    #expect(abs(try #require(prediction.measuredFactor) - factor) < 1e-12)
    let statistics = try Diagnostics.gates(of: experiment.trial(of: Kept()))
    #expect(statistics.retentions.map(\.gate) == ["keep"])
    #expect(statistics.retentions[0].timeConstants.isClose(to: [-1 / log(factor), -1 / log(factor)], 1e-12))
    #expect(abs(try #require(statistics.memories[0].length.fitted) + 1 / log(factor)) < 1e-9)
  }

  @Test func theFormsOfLibraryCellsAreFound() throws {
    func labels(_ cell: some RecurrentCell) throws -> [String] {
      let experiment = FlowExperiment(length: 4, features: 2, batch: 2)
      return try Diagnostics.theory(cell, experiment).predictions.map { "\($0.state): \($0.label)" }
    }
    #expect(try labels(SimpleRNN(units: 3)) == ["h: mean field", "h: bound γ σ₁"])
    #expect(try labels(SimpleRNN(units: 3, activation: .relu)) == ["h: bound γ σ₁"])
    #expect(try labels(LSTM(units: 3)) == ["c: gate forget"])
    #expect(try labels(GRU(units: 3)) == ["h: gate 1 − update"])
    #expect(try labels(ResetAfterGRU(units: 3)) == ["h: gate update"])
    #expect(
      try labels(Stack([GRU(units: 2), LSTM(units: 3)])) == [
        "layer0.h: gate 1 − layer0.update", "layer1.c: gate layer1.forget",
      ])
    #expect(try labels(CoRNN(units: 3)) == [])
    // Time steps and leakages of 1 leave products with 1 and with 0 behind; a reservoir is not trained.
    #expect(
      try labels(LongExpressiveMemory(units: 3)) == ["y: gate 1 − step", "z: gate 1 − slowStep"])
    #expect(try labels(EchoState(units: 3)) == ["h: mean field", "h: bound γ σ₁"])
    #expect(try labels(EchoState(units: 3, leakage: 0.5)) == [])
  }

  @Test func twoProductsAddUpAsOne() throws {
    let experiment = FlowExperiment(length: 24, features: 3, batch: 2, element: .float64)
    let theory = try Diagnostics.theory(Split(units: 5), experiment)
    try #require(theory.predictions.map(\.kind) == [.meanField, .pascanuBound])
    // An orthogonal matrix times 1.2: σ_w² = 1.44 and σ₁ = 1.2.
    let (field, bound) = (theory.predictions[0], theory.predictions[1])
    #expect(abs(try #require(field.quantities["σ_w²"]) - 1.44) < 1e-12)
    let last = theory.measured[0].total.means[23]
    for t in 0..<24 { #expect(abs(bound.norms[t] / (last * pow(1.2, Double(23 - t))) - 1) < 1e-12) }
    // σ_b² is the mean square of what the inputs add, computed here from the inputs themselves.
    let recording = try experiment.record(Split(units: 5))
    let bindings = experiment.bindings(for: recording)
    let weights = try #require(bindings.values["fromInput.weight"]).doubles
    let inputs = try #require(bindings.values["x"]).doubles
    var squares = 0.0
    for position in 0..<48 {
      for unit in 0..<5 {
        let sum = (0..<3).reduce(0) { $0 + inputs[position * 3 + $1] * weights[$1 * 5 + unit] }
        squares += sum * sum
      }
    }
    let expected = MeanFieldTheory(weightVariance: 1.44, biasVariance: squares / Double(48 * 5))
    let norms = expected.gradientNorms(length: 24, last: last)
    for t in 0..<24 { #expect(abs(field.norms[t] / norms[t] - 1) < 1e-9) }
    for (prediction, words) in [(field, "σ_w² = 1.44"), (bound, "γ σ₁ = 1.2,")] {
      #expect(prediction.explanation.contains(words))
    }
  }

  @Test func aMemoryBehindAGateHasTheGatesFactor() throws {
    let experiment = FlowExperiment(length: 24, features: 3, batch: 2, element: .float64)
    let prediction = try #require(try Diagnostics.theory(KeptByGate(units: 4), experiment).predictions.first)
    #expect(prediction.explanation.contains("The gate `keep` multiplies the state, by 0."))
    // √E f² from the gates themselves.
    let gates = try #require(
      try Diagnostics.activations(of: experiment.trial(of: KeptByGate(units: 4))).first { $0.name == "keep" }
    ).steps.flatMap { $0 }
    let factor = (gates.reduce(0) { $0 + $1 * $1 } / Double(gates.count)).squareRoot()
    #expect(abs(prediction.norms[22] / prediction.norms[23] / factor - 1) < 0.01)
    let gru = try #require(try Diagnostics.theory(GRU(units: 4), experiment).predictions.first)
    #expect(gru.explanation.contains("`1 − update` multiplies the state"))
  }

  @Test(arguments: [0.9, 1.3])
  func meanFieldTheoryTakesItsVariancesFromTheNetwork(gain: Double) throws {
    let experiment = FlowExperiment(length: 40, features: 4, batch: 8, gain: gain)
    let theory = try Diagnostics.theory(SimpleRNN(units: 96), experiment)
    let field = theory.predictions[0]
    #expect(abs(try #require(field.quantities["σ_w²"]) - gain * gain) < 1e-4)
    // Glorot's variance 2 / (m + n) of m = 4 rows, of inputs N(0, 1).
    let biasVariance: Double = 4.0 * 2.0 / (4.0 + 96.0)
    #expect(abs(try #require(field.quantities["σ_b²"]) - biasVariance) < 0.02)
    let measured = try #require(field.measuredFactor)
    #expect(abs(log(measured / field.factor)) < 0.03)
    // No measured norm exceeds the bound.
    let bound = theory.predictions[1]
    #expect(abs(bound.factor - gain) < 1e-4)
    for (norm, limit) in zip(theory.measured[0].total.means, bound.norms) { #expect(norm <= limit * 1.001) }
  }

  @Test func clippedGradientsHaveNoTheory() {
    #expect { try Diagnostics.theory(LSTM(units: 2), FlowExperiment(length: 3, clip: .norm(1))) } throws: {
      "\($0)".contains("not clipped")
    }
  }

  @Test func aLossAtAllStepsHasNoTheory() {
    #expect { try Diagnostics.theory(LSTM(units: 2), FlowExperiment(length: 3, loss: .all)) } throws: {
      "\($0)".contains("last step")
    }
  }
}
