import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@testable import EbbDiagnostics

/// Gradients by unit, by sample and by gate; how they differ between samples; what truncation drops.
@Suite struct GradientDetailTests {
  @Test func networksMultiplyTheirJacobiansUnitByUnit() throws {
    let (units, steps) = (3, 5)
    let experiment = FlowExperiment(length: steps, features: 2, batch: 1, element: .float64)
    let recording = try experiment.record(SimpleRNN(units: units))
    let bindings = experiment.bindings(for: recording)
    let network = PlainTanhNetwork(bindings, units: units, inputs: 2)
    let numbers = try #require(bindings.values["x"]).doubles
    let states = network.states((0..<steps).map { Array(numbers[$0 * 2..<$0 * 2 + 2]) })
    var g = try #require(bindings.values["readout"]).doubles
    var expected: [[Double]] = []
    for next in states.reversed() {
      expected.insert(g, at: 0)
      g = network.pulledBack(g, through: next)
    }
    for run in runOptions() {
      let detail = try Diagnostics.gradientDetail(of: Trial(recording, bindings, run: run))
      let total = try #require(detail["h"]?.total)
      for t in 0..<steps { #expect(total.steps[t].isClose(to: expected[t], 1e-12)) }
      let magnitudes: [Double] = expected.joined().map { abs($0) }
      #expect(total.unitNorms.joined().isClose(to: magnitudes, 1e-12))
      let direct = try #require(detail["h"]?.direct)
      #expect(direct.steps.dropLast().joined().allSatisfy { $0 == 0 })
      #expect(direct.steps.last == total.steps.last)
      func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
      let lengths = (dot(expected[1], expected[1]) * dot(expected[2], expected[2])).squareRoot()
      #expect(abs(total.cosines[1][0] - dot(expected[1], expected[2]) / lengths) < 1e-12)
    }
  }

  @Test func namedIntermediatesAreMeasured() throws {
    // h' = w h + x + b: the gradient to the product w h, which has a name, is that to h'.
    let experiment = FlowExperiment(length: 4, features: 1, batch: 2, loss: .all, element: .float64)
    let detail = try Diagnostics.gradientDetail(of: experiment.trial(of: Diagonal(factor: 0.5)))
    #expect(detail.values.map(\.name) == ["h", "kept"] && detail.values.map(\.isState) == [true, false])
    let (h, kept) = (try #require(detail["h"]), try #require(detail["kept"]))
    #expect(h.total == kept.total && h.direct == kept.direct)
    // Σ_{k ≤ T−t} aᵏ / T
    let expected: [Double] = [0.46875, 0.4375, 0.375, 0.25]
    let norms: [Double] = h.total.norms.map { $0[0] }
    #expect(norms.isClose(to: expected))
  }

  @Test func quantilesAndNoiseAreThoseOfTheNumbers() {
    // Two steps of three samples of two units.
    let samples = AdjointSamples(units: 2, steps: [[3, 4, 0, 0, 6, 8], [0, 1, 1, 0, 0, 0]])
    #expect(samples.samples == 3)
    #expect(samples.norms == [[5, 0, 10], [1, 1, 0]])
    #expect(samples.quantiles([0, 0.25, 0.5, 1])[0] == [0, 2.5, 5, 10])
    let squares: [Double] = [15, 80.0 / 3]
    #expect(samples.unitNorms[0].isClose(to: squares.map { $0.squareRoot() }))
    #expect(abs(samples.cosines[0][0] - 0.8) < 1e-15)
    #expect(samples.cosines[0][1].isNaN)
    // ḡ = (3, 4): deviations 0, 5, 5 and tr Σ = 50 / 2
    let noise = samples.noise[0]
    #expect(abs(noise.meanNorm - 5) < 1e-14)
    #expect(abs(noise.variance - 25) < 1e-13)
    #expect(abs(noise.signalToNoise - 1) < 1e-15)
    // ‖G‖² = 25 − 25 / 3
    #expect(abs(noise.noiseScale - 1.5) < 1e-14)
    #expect(samples.noise[1].noiseScale == .infinity)
  }

  @Test func equalGradientsHaveNoNoiseAndTinyOnesHaveTheirs() {
    for value in [0.1, 0.3, 1e-200] {
      let alike = AdjointSamples(units: 2, steps: [(0..<7).flatMap { _ in [value, -value / 3] }]).noise[0]
      #expect(alike.deviation == 0 && alike.signalToNoise == .infinity && alike.noiseScale == 0)
    }
    let plain = AdjointSamples(units: 2, steps: [[3, 4, 0, 0, 6, 8]]).noise[0]
    for scale in [1e-200, 1e200] {
      let scaled = AdjointSamples(units: 2, steps: [[3, 4, 0, 0, 6, 8].map { $0 * scale }]).noise[0]
      #expect(abs(scaled.signalToNoise - plain.signalToNoise) < 1e-14)
      #expect(abs(scaled.noiseScale - plain.noiseScale) < 1e-13)
    }
  }

  @Test func noiseOfParametersIsThatOfSampleAfterSample() throws {
    let experiment = FlowExperiment(length: 4, features: 2, batch: 3, element: .float64)
    let recording = try experiment.record(GRU(units: 3))
    let bindings = experiment.bindings(for: recording)
    // One sample at a time is a run of its own.
    for run in runOptions() {
      let noise = try Diagnostics.noise(of: Trial(recording, bindings, run: run))
      #expect(noise.states.map(\.name) == ["h"] && noise.states[0].steps.count == 4)
      let x = try #require(bindings.values["x"]).doubles
      let readOut = try #require(bindings.values["readout"]).doubles
      for sample in 0..<3 {
        var single = bindings
        let ownInputs = (0..<4).flatMap { step -> ArraySlice<Double> in
          let start = (step * 3 + sample) * 2
          return x[start..<start + 2]
        }
        single.values["x"] = Tensor([4, 1, 2], ownInputs)
        single.values["readout"] = Tensor([1, 3], Array(readOut[sample * 3..<sample * 3 + 3]))
        let split = try Diagnostics.stepwiseGradients(of: Trial(recording, single))
        for (left, right) in zip(noise.parameters, split.parameters) {
          #expect(abs(left.sampleNorms[sample] - right.totalNorm) < 1e-12)
        }
      }
    }
  }

  @Test func noiseNeedsALossForEachSample() throws {
    let recording = try Recording(LSTM(units: 2), features: 1) { scope, y in scope.output("loss", mean(y)) }
    var bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["x"] = Tensor([2, 2, 1], [Float](repeating: 1, count: 4))
    #expect { try Diagnostics.noise(of: Trial(recording, bindings)) } throws: {
      "\($0)".contains("no gradient of each sample")
    }
  }

  @Test func truncationDropsWhatIsBeyondTheWindow() throws {
    // dL/db = Σ_t aᵀ⁻ᵗ; with windows of k that divide T only the last k steps are left.
    let (a, steps) = (0.9, 12)
    let experiment = FlowExperiment(length: steps, features: 1, batch: 1, element: .float64)
    let recording = try experiment.record(Diagonal(factor: a))
    let bindings = experiment.bindings(for: recording)
    func sum(_ count: Int) -> Double { (1 - pow(a, Double(count))) / (1 - a) }
    for run in runOptions() {
      let bias = try Diagnostics.truncation(of: Trial(recording, bindings, run: run), to: [1, 3, 4, 12, 50])
      #expect(bias.parameters == ["w", "b"])
      for (truncation, left) in zip(bias.truncations, [1, 3, 4, 12, 12]) {
        let b = truncation.parameters[1]
        #expect(abs(b.cosine - 1) < 1e-12)
        #expect(abs(b.normRatio - sum(left) / sum(steps)) < 1e-12)
        #expect(abs(b.dropped - (1 - sum(left) / sum(steps))) < 1e-12)
      }
      #expect(bias.truncations[3].all.normRatio == 1 && bias.truncations[3].all.dropped == 0)
    }
    #expect { try Diagnostics.truncation(of: experiment.trial(of: Diagonal(factor: a)), to: [0]) } throws: {
      "\($0)".contains("at least 1 step")
    }
  }
}
