import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Gradients through time that a formula gives.
@Suite struct ClosedFormTests {
  @Test(arguments: [0.9, 1.1], [ElementType.float32, .float64])
  func leakyCellDecaysByItsFactor(factor: Double, element: ElementType) throws {
    let experiment = FlowExperiment(length: 30, features: 2, batch: 3, element: element)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: Leaky(factor: factor)))
    let h = try #require(flow["h"])
    let tolerance = element == .float32 ? 1e-5 : 1e-12
    #expect(h.total.means.isClose(to: (1...30).map { pow(factor, Double(30 - $0)) }, tolerance))
    let decay = try #require(h.total.decay)
    #expect(abs(decay.factor - factor) < tolerance)
    #expect(abs(decay.scale - 1) < 10 * tolerance)
    #expect(decay.steps == 30)
    #expect(decay.deviation < tolerance)
    #expect(flow.clips.isEmpty)
  }

  @Test func directGradientIsZeroBeforeTheLastStep() throws {
    let flow = try Diagnostics.gradientFlow(
      of: FlowExperiment(length: 7, batch: 2, element: .float64).trial(of: Leaky(factor: 0.9)))
    let direct = try #require(flow["h"]?.direct)
    #expect(direct.means == [0, 0, 0, 0, 0, 0, 1])
    #expect(direct.stepsBack() == 1)
  }

  @Test func lossAtAllStepsSumsWhatEachSends() throws {
    // total: Σ_{s ≥ t} aˢ⁻ᵗ / T;  direct: 1 / T
    let (a, steps) = (0.8, 12)
    let experiment = FlowExperiment(length: steps, batch: 2, loss: .all, element: .float64)
    let h = try #require(try Diagnostics.gradientFlow(of: experiment.trial(of: Leaky(factor: a)))["h"])
    let expected = (1...steps).map { t in (0...(steps - t)).reduce(0.0) { $0 + pow(a, Double($1)) } / Double(steps) }
    #expect(h.total.means.isClose(to: expected))
    #expect(h.direct?.means.isClose(to: [Double](repeating: 1 / Double(steps), count: steps)) == true)
  }

  @Test func pathsWithinTheStepAreDirect() throws {
    // h = 3c and L = ±h_T: ∂L/∂c_T = 3, dL/dc_t = 3 aᵀ⁻ᵗ
    let experiment = FlowExperiment(length: 9, batch: 1, element: .float64)
    let c = try #require(try Diagnostics.gradientFlow(of: experiment.trial(of: Carried(factor: 0.5)))["c"])
    #expect(c.total.means.isClose(to: (1...9).map { 3 * pow(0.5, Double(9 - $0)) }))
    #expect(c.direct?.means.isClose(to: (1...9).map { $0 == 9 ? 3 : 0 }) == true)
  }

  @Test(arguments: [1, 0.5, 1.5])
  func orthogonalLinearNetworkKeepsTheNormTimesItsGain(gain: Double) throws {
    let experiment = FlowExperiment(length: 25, features: 3, batch: 4, gain: gain, element: .float64)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: SimpleRNN(units: 6, activation: .identity)))
    let h = try #require(flow["h"])
    #expect(h.total.means.isClose(to: (1...25).map { pow(gain, Double(25 - $0)) }))
    for step in h.total.samples { #expect(step.count == 4 && step.isClose(to: step.map { _ in step[0] })) }
  }

  @Test func gradientsWhoseSquaresVanishInFloat32KeepTheirNorm() throws {
    // 2⁻⁹⁹ is a float; its square, 2⁻¹⁹⁸, is none.
    let experiment = FlowExperiment(length: 100, features: 1, batch: 1)
    let h = try #require(try Diagnostics.gradientFlow(of: experiment.trial(of: Leaky(factor: 0.5)))["h"])
    #expect(h.total.means[0] == pow(2, -99))
    #expect(h.total.stepsBack() == 7)
    #expect(h.total.stepsBack(toFraction: 0) == nil)
  }

  @Test func gradientsWhoseSquaresOverflowKeepTheirNorm() throws {
    // 2¹²⁶ is a float; its square is none. 2¹³⁰ is infinite, and is said to be.
    let experiment = FlowExperiment(length: 66, features: 1, batch: 1)
    let h = try #require(try Diagnostics.gradientFlow(of: experiment.trial(of: Leaky(factor: 4)))["h"])
    #expect(h.total.means[2] == pow(2, 126))
    #expect(h.total.means[0] == .infinity)
    #expect(h.total.decay?.steps == 64)
  }

  @Test func clippingActsOnTheSummedGradientAndTellsItsEvents() throws {
    // g_T = min(1, c), g_t = min(a g_{t+1}, c): 0.5 · 1.5ᵏ up to c = 2
    let (a, limit, steps) = (1.5, 2.0, 8)
    let experiment = FlowExperiment(length: steps, batch: 2, clip: .norm(limit), element: .float64)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: Leaky(factor: a)))
    var arriving: [Double] = []
    var leaving: [Double] = []
    for k in 0..<steps {
      arriving.append(k == 0 ? 1 : a * leaving[k - 1])
      leaving.append(min(arriving[k], limit))
    }
    let h = try #require(flow["h"])
    #expect(h.total.flow.isClose(to: leaving))
    let expected = (0..<steps).filter { arriving[$0] > limit }
    #expect(flow.clips.count == 2 * expected.count)
    let first = flow.clips.filter { $0.sample == 0 }
    #expect(first.map(\.step) == expected.map { steps - $0 })
    #expect(first.map(\.before).isClose(to: expected.map { arriving[$0] }))
    #expect(first.allSatisfy { abs($0.after - limit) < 1e-12 && $0.state == "h" })
  }

  @Test func unrolledGraphsMeasureTheSame() throws {
    var experiment = FlowExperiment(length: 7, features: 2, batch: 3, clip: .norm(0.7), element: .float64)
    let rolled = try Diagnostics.gradientFlow(of: experiment.trial(of: LSTM(units: 4)))
    experiment.run.isUnrolled = true
    let flat = try Diagnostics.gradientFlow(of: experiment.trial(of: LSTM(units: 4)))
    #expect(rolled.states.map(\.name) == flat.states.map(\.name))
    for (left, right) in zip(rolled.states, flat.states) {
      #expect(left.total.means.isClose(to: right.total.means))
      #expect(left.direct?.means.isClose(to: right.direct?.means ?? []) == true)
    }
    #expect(rolled.clips.map(\.step) == flat.clips.map(\.step) && !flat.clips.isEmpty)
  }

  @Test func longUnrolledGraphsMeasureTheSame() throws {
    // Every step's equations can run side by side: more than one program of the kernels holds.
    var experiment = FlowExperiment(length: 50, features: 2, batch: 2, element: .float64)
    let rolled = try Diagnostics.gradientFlow(of: experiment.trial(of: PeepholeLSTM(units: 3)))
    experiment.run.isUnrolled = true
    let flat = try Diagnostics.gradientFlow(of: experiment.trial(of: PeepholeLSTM(units: 3)))
    for (left, right) in zip(rolled.states, flat.states) {
      #expect(left.total.means.isClose(to: right.total.means, 1e-10))
    }
  }

  @Test func threadsChangeNoBit() throws {
    let one = try Diagnostics.gradientFlow(
      of: FlowExperiment(length: 9, run: RunOptions(.init(threads: 1))).trial(of: LSTM(units: 5)))
    let two = try Diagnostics.gradientFlow(
      of: FlowExperiment(length: 9, run: RunOptions(.init(threads: 2))).trial(of: LSTM(units: 5)))
    #expect(one == two)
  }
}
