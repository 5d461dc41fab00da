import EbbCells
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@testable import EbbDiagnostics

@Suite struct TheoryTests {
  // MARK: Quadrature

  @Test(arguments: [1, 2, 5, 20, 96, 301 - 1]) func quadratureIsExactForPolynomials(_ count: Int) {
    let quadrature = GaussHermite(count)
    #expect(quadrature.nodes.count == count)
    #expect(quadrature.nodes == quadrature.nodes.sorted())
    #expect(zip(quadrature.nodes, quadrature.nodes.reversed()).allSatisfy { $0 == -$1 })
    // E z²ᵏ = 1 · 3 · 5 ⋯ (2k − 1)
    var moment = 1.0
    for k in 0..<min(count, 12) {
      if k > 0 { moment *= Double(2 * k - 1) }
      #expect(abs(quadrature.mean { pow($0, Double(2 * k)) } - moment) < 1e-12 * moment)
    }
  }

  @Test func quadratureOfSmoothFunctionsIsTheirMean() {
    let quadrature = GaussHermite()
    // E e^(a z) = e^(a²/2),  E cos(a z) = e^(−a²/2)
    #expect(abs(quadrature.mean { exp(1.5 * $0) } - exp(1.125)) < 1e-13)
    #expect(abs(quadrature.mean { cos(3 * $0) } - exp(-4.5)) < 1e-14)
    #expect(abs(quadrature.mean({ $0 * $0 }, mean: 2, deviation: 3) - 13) < 1e-12)
    // E uv = c,  E u²v² = 1 + 2c²
    #expect(abs(quadrature.mean(correlation: 0.3) { $0 * $1 } - 0.3) < 1e-13)
    #expect(abs(quadrature.mean(correlation: 0.3) { $0 * $0 * $1 * $1 } - 1.18) < 1e-12)
  }

  // MARK: Mean field

  /// E f(z) by a fine trapezoidal rule, which is nearly exact for such integrands.
  private func mean(_ function: (Double) -> Double) -> Double {
    let step = 1.0 / 32
    return (-320...320).reduce(0.0) { sum, index in
      let z = Double(index) * step
      return sum + step * exp(-z * z / 2) / (2 * Double.pi).squareRoot() * function(z)
    }
  }

  @Test(arguments: [(0.9, 0.05), (1.0, 0.0), (1.3, 0.0), (2.0, 0.3), (4.0, 0.1)])
  func fixedPointsSolveTheirEquations(_ weights: Double, _ biases: Double) {
    let theory = MeanFieldTheory(weightVariance: weights, biasVariance: biases)
    let q = theory.fixedVariance
    let next = weights * mean { pow(tanh(q.squareRoot() * $0), 2) } + biases
    #expect(abs(next - q) < 1e-6)
    let chi = weights * mean { pow(1 - pow(tanh(q.squareRoot() * $0), 2), 2) }
    #expect(abs(theory.susceptibility() - chi) < 2e-5)
    #expect(abs(theory.slope - 0.5 * log(chi)) < 2e-5)
  }

  /// Nodes that are chosen by their error: whatever saturates, the means are those of a rule with 1/16 of its scale a step.
  @Test(arguments: [0.5, 0.9, 1.1, 1.5, 3, 6, 12, 25, 50]) func meansAreRightAtAnyGain(_ gain: Double) {
    let theory = MeanFieldTheory(weightVariance: gain * gain, biasVariance: 0.2)
    let q = theory.fixedVariance
    let scale = max(1, q.squareRoot())
    let step = 1 / (16 * scale)
    let count = Int(9 / step)
    func mean(_ function: (Double) -> Double) -> Double {
      (-count...count).reduce(0.0) { sum, index in
        let z = Double(index) * step
        return sum + step * exp(-z * z / 2) / (2 * Double.pi).squareRoot() * function(q.squareRoot() * z)
      }
    }
    let next = gain * gain * mean { pow(tanh($0), 2) } + 0.2
    #expect(abs(next / q - 1) < 1e-11)
    let chi = gain * gain * mean { pow(cosh($0), -4) }
    #expect(abs(theory.susceptibility() / chi - 1) < 1e-11)
    // φ(u) φ(v) with v = c u + √(1 − c²) w: for c = 1 it is the variance's own map, for c = 0 the means are 0.
    #expect(abs(theory.nextCorrelation(1) - 1) < 1e-9)
    #expect(abs(theory.nextCorrelation(0) - 0.2 / q) < 1e-9)
    let gate = GateTheory(bias: 2 * gain, deviation: 2 * gain)
    #expect(abs(gate.meanSquare - gateMean(2 * gain, 2 * gain)) < 1e-11)
  }

  /// The mean of an odd function is 0, and no difference is a small part of that: it takes as many nodes as its square.
  @Test(arguments: [0.5, 3, 40]) func aMeanOfZeroTakesNoMoreNodes(gain: Double) {
    func nodes(_ function: (Double) -> Double) -> Int {
      var count = 0
      _ = NormalMeans.mean(width: 1 / gain) { z in
        count += 1
        return function(z)
      }
      return count
    }
    let odd = nodes { tanh(gain * $0) }
    #expect(odd <= 2 * nodes { pow(tanh(gain * $0), 2) } && odd < 1000)
  }

  /// E σ(b + s z)² by the same rule.
  private func gateMean(_ bias: Double, _ deviation: Double) -> Double {
    let step = 1 / (16 * max(1, deviation))
    let count = Int(9 / step)
    return (-count...count).reduce(0.0) { sum, index in
      let z = Double(index) * step
      return sum + step * exp(-z * z / 2) / (2 * Double.pi).squareRoot() * pow(1 + exp(-bias - deviation * z), -2)
    }
  }

  @Test func edgeOfChaosWithoutBiasIsAtOne() {
    #expect(MeanFieldTheory(weightVariance: 0.8).fixedVariance == 0)
    // χ = σ_w² where nothing saturates.
    #expect(abs(MeanFieldTheory(weightVariance: 0.8).susceptibility() - 0.8) < 1e-13)
    #expect(MeanFieldTheory(weightVariance: 1.2).susceptibility() > 1)
    #expect(MeanFieldTheory(weightVariance: 1.2, biasVariance: 0.5).susceptibility() < 1)
    // Small q: q* ≈ (σ_w² − 1) / 2 to first order, from E tanh² ≈ q − 2q².
    #expect(abs(MeanFieldTheory(weightVariance: 1.002).fixedVariance - 0.001) < 1e-5)
  }

  @Test func correlationsGoToOneInTheOrderedPhaseOnly() {
    let quadrature = GaussHermite(24)
    let ordered = MeanFieldTheory(weightVariance: 1.2, biasVariance: 0.5, quadrature: quadrature)
    #expect(abs(ordered.nextCorrelation(1) - 1) < 1e-6)
    #expect(abs(ordered.fixedCorrelation(tolerance: 1e-6) - 1) < 1e-4)
    #expect(ordered.fixedCorrelation(shared: 0, tolerance: 1e-6) < 0.5)
    let chaotic = MeanFieldTheory(weightVariance: 3, biasVariance: 0.05, quadrature: quadrature)
    #expect(chaotic.susceptibility() > 1)
    #expect(chaotic.fixedCorrelation(tolerance: 1e-6) < 0.9)
    // χ is the slope of the map at c = 1.
    let slope = (chaotic.nextCorrelation(1) - chaotic.nextCorrelation(1 - 1e-5)) / 1e-5
    #expect(abs(slope - chaotic.susceptibility()) < 2e-2)
  }

  /// Gains on both sides of 1: the measured slope of a wide network is the predicted one.
  @Test(arguments: [0.9, 1.3, 1.8]) func wideNetworksFollowTheTheory(_ gain: Double) throws {
    let units = 192
    let experiment = FlowExperiment(length: 32, features: 16, batch: 4, gain: gain)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: SimpleRNN(units: units)))
    // Inputs N(0, 1) with weights uniform within ±√(6 / (m + n)): variance 2 / (m + n) for each of m features.
    let added = 16 * 2 / Double(16 + units)
    let theory = MeanFieldTheory(weightVariance: gain * gain, biasVariance: added)
    let norms = try #require(flow["h"]).total.means
    // The first steps, in which the variance still grows from 0, are not at the fixed point.
    let measured = try #require(NormCurve(samples: norms.suffix(24).map { [$0] }).decay)
    #expect(abs(log(measured.factor) - theory.slope) < 0.03)
    #expect(abs(theory.gradientNorms(length: 3)[0] - theory.susceptibility()) < 1e-12)
  }

  // MARK: Bounds

  @Test func boundIsNeverExceeded() throws {
    for gain in [0.8, 1.2] {
      let experiment = FlowExperiment(length: 20, features: 2, batch: 3, gain: gain, element: .float64)
      let recording = try experiment.record(SimpleRNN(units: 8))
      let bindings = experiment.bindings(for: recording)
      let weights = try #require(
        bindings.values["recurrent.weight"] ?? bindings.values.first { $0.key.hasSuffix("weight") }?.value)
      let recurrent = Matrix(rows: 8, columns: 8, Array(weights.doubles[..<64]))
      let bound = try PascanuBound(recurrentWeights: recurrent)
      #expect(abs(bound.factor - gain) < 1e-12)
      #expect(bound.mustVanish == (gain < 1))
      #expect(bound.canExplode == (gain > 1))
      let flow = try Diagnostics.gradientFlow(of: Trial(recording, bindings))
      let measured = try #require(flow["h"]).total.means
      let limits = bound.gradientNorms(length: 20)
      #expect(zip(measured, limits).allSatisfy { $0 <= $1 * (1 + 1e-12) })
      #expect(measured[0] < 0.9 * limits[0])
    }
    #expect(PascanuBound(largestSingularValue: 3.9, derivativeBound: 0.25).mustVanish)
  }

  // MARK: Gates

  @Test func gatesWithoutNoiseAreTheirBiases() {
    let forget = GateTheory.forgetGate()
    let sigma = 1 / (1 + exp(-1.0))
    #expect(abs(forget.mean - sigma) < 1e-15)
    #expect(abs(forget.slope - log(sigma)) < 1e-14)
    #expect(abs(forget.timeConstant + 1 / log(sigma)) < 1e-13)
    #expect(abs(GateTheory.retention().mean - 0.5) < 1e-15)
    #expect(abs(GateTheory.retention(ofUpdateBias: -2).mean - 1 / (1 + exp(-2))) < 1e-15)
  }

  @Test func gatesWithNoiseAreMeansOverIt() {
    let gate = GateTheory(bias: 0.7, deviation: 1.2)
    #expect(abs(gate.mean - mean { 1 / (1 + exp(-0.7 - 1.2 * $0)) }) < 1e-9)
    #expect(abs(gate.meanSquare - mean { pow(1 + exp(-0.7 - 1.2 * $0), -2) }) < 1e-9)
    #expect(abs(gate.meanLogarithm - mean { -log(1 + exp(-0.7 - 1.2 * $0)) }) < 1e-9)
    // By Jensen: a typical memory falls faster than the mean one.
    #expect(gate.meanLogarithm < log(gate.mean))
    #expect(gate.slope > log(gate.mean))
  }

  /// A memory that is multiplied by an input's gate, c' = σ(b + s x) ⊙ c: its gradient is the theory's.
  private struct GatedMemory: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let c = scope.state("c", 256)
      return c.next(sigmoid(1 + 0.8 * x) * c + 0.1)
    }
  }

  @Test func gatedMemoriesFallAtThePredictedRate() throws {
    let experiment = FlowExperiment(length: 20, features: 256, batch: 16)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: GatedMemory()))
    let measured = try #require(flow["c"]?.total.decay)
    #expect(abs(log(measured.factor) - GateTheory(bias: 1, deviation: 0.8).slope) < 0.01)
  }

  @Test func chronoGatesHaveTheirClosedForms() {
    let theory = ChronoTheory(longest: 100)
    let us = (0..<200_000).map { 1 + 98 * (Double($0) + 0.5) / 200_000 }
    let gates = us.map { $0 / (1 + $0) }
    #expect(abs(theory.meanGate - gates.reduce(0, +) / 200_000) < 1e-9)
    let root = (gates.reduce(0) { $0 + pow($1, 20) } / 200_000).squareRoot()
    #expect(abs(theory.gradientNorm(after: 10) - root) < 1e-6)
    #expect(abs(theory.gradientNorm(after: 0) - 1) < 1e-9)
    #expect(theory.gradientNorms(length: 11).first == theory.gradientNorm(after: 10))
  }
}
