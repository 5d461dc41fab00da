import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// The same numbers fused and unfused, rolled and unrolled, on one thread and on two.
@Suite struct RunOptionsTests {
  private let experiment = FlowExperiment(length: 6, features: 2, batch: 2, gain: 1.05, element: .float64)

  /// A cell's recording with its values.
  private func subject(_ cell: some RecurrentCell) throws -> (recording: Recording, bindings: Bindings) {
    let recording = try experiment.record(cell)
    return (recording, experiment.bindings(for: recording))
  }

  @Test func jacobiansAndExponents() throws {
    let (recording, bindings) = try subject(LSTM(units: 3))
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings))
    let spectra = try Diagnostics.jacobianSpectra(of: Trial(recording, bindings))
    for run in runOptions() {
      let other = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings, run: run))
      #expect(other.exponents.isClose(to: spectrum.exponents, 1e-10))
      #expect(other.standardErrors.isClose(to: spectrum.standardErrors, 1e-10))
      let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings, run: run))
      for (step, expected) in zip(try jacobians.spectra(), spectra.steps) {
        #expect(step.singularValues.isClose(to: expected.spectrum.singularValues, 1e-10))
        #expect(abs(step.spectralRadius - expected.spectrum.spectralRadius) < 1e-12)
      }
    }
  }

  @Test func curvature() throws {
    let (recording, bindings) = try subject(GRU(units: 2))
    let vector = (0..<(try Diagnostics.hessian(of: Trial(recording, bindings)).size)).map { sin(Double($0)) }
    let expected = try Diagnostics.hessian(of: Trial(recording, bindings)).times(vector)
    #expect(expected.contains { abs($0) > 1e-3 })
    for run in runOptions() {
      let product = try Diagnostics.hessian(of: Trial(recording, bindings, run: run)).times(vector)
      #expect(product.isClose(to: expected, 1e-10))
    }
  }

  @Test func gatesAndTheory() throws {
    let (recording, bindings) = try subject(LSTM(units: 3))
    let flow = try Diagnostics.gradientFlow(of: Trial(recording, bindings))
    let gates = try Diagnostics.gates(of: Trial(recording, bindings), beside: flow)
    let theory = try Diagnostics.theory(of: Trial(recording, bindings), beside: flow)
    #expect(gates.records.count == 7 && theory.predictions.count == 1)
    for run in runOptions() {
      let unrolled = try Diagnostics.gradientFlow(of: Trial(recording, bindings, run: run))
      for (state, expected) in zip(unrolled.states, flow.states) {
        #expect(state.total.means.isClose(to: expected.total.means, 1e-10))
      }
      let others = try Diagnostics.gates(of: Trial(recording, bindings, run: run), beside: flow)
      for (record, expected) in zip(others.records, gates.records) {
        #expect(record.name == expected.name)
        #expect(record.steps.joined().isClose(to: Array(expected.steps.joined()), 1e-10))
      }
      let other = try Diagnostics.theory(of: Trial(recording, bindings, run: run), beside: flow)
      #expect(other.predictions[0].norms.isClose(to: theory.predictions[0].norms, 1e-10))
    }
  }

  @Test func originsOfInfinities() throws {
    var (recording, bindings) = try subject(SimpleRNN(units: 2, activation: .relu))
    bindings.values["recurrent.weight"] = Tensor([4, 2], [Double](repeating: 1e120, count: 8))
    let expected = try #require(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings)))
    #expect(expected.step == 3 && expected.pass == .forward && expected.operation == "product")
    // What the product read at this place, not elsewhere, was finite.
    #expect(expected.operands.allSatisfy { $0.value.map(\.isFinite) == true })
    for run in runOptions() {
      let origin = try #require(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings, run: run)))
      #expect(origin == expected)
    }
  }
}
