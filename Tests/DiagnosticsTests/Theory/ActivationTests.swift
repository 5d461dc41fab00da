import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@testable import EbbDiagnostics

@Suite struct ActivationTests {
  @Test func saturationCountsWhatIsWithinTheMargin() throws {
    let gate = ActivationRecord(
      name: "g", kind: .sigmoid, units: 2, steps: [[0.01, 0.5, 0.049, 0.96], [0.051, 0.949, 0.04, 0.99]])
    let all = try #require(gate.saturation())
    #expect(all == Saturation(lower: 3 / 8, upper: 2 / 8))
    #expect(all.total == 0.625)
    #expect(try #require(gate.saturationByStep()).map(\.lower) == [0.5, 0.25])
    #expect(try #require(gate.saturationByUnit()).map(\.upper) == [0, 0.5])
    let wide = try #require(
      ActivationRecord(name: "c", kind: .tanh, units: 1, steps: [[-0.91, -0.89, 0.89, 0.95]]).saturation())
    #expect(wide == Saturation(lower: 0.25, upper: 0.25))
    #expect(ActivationRecord(name: "h", kind: .value, units: 1, steps: [[0]]).saturation() == nil)
  }

  @Test func statisticsAreThoseOfTheNumbers() {
    let record = ActivationRecord(name: "h", kind: .value, units: 1, steps: [[1, 3], [5, 7]])
    #expect(record.statistics.mean == 4)
    #expect(record.statistics.deviation == 5.0.squareRoot())
    #expect(record.statistics.minimum == 1)
    #expect(record.statistics.maximum == 7)
    #expect(record.statisticsByStep.map(\.mean) == [2, 6])
  }

  @Test func timeConstantsAverageLogarithms() {
    // ∏ f = 0.5 · 0.125 over two steps: e^(−2/τ)
    let gate = ActivationRecord(name: "f", kind: .sigmoid, units: 2, steps: [[0.5, 0.9], [0.125, 0.9]])
    let constants = gate.timeConstants()
    #expect(abs(constants[0] + 2 / log(0.0625)) < 1e-14)
    #expect(abs(constants[1] + 1 / log(0.9)) < 1e-13)
    #expect(abs(gate.timeConstants(isComplement: true)[1] + 1 / log(0.1)) < 1e-14)
    #expect(MemoryLength.steps(ofFactor: 1) == .infinity)
    #expect(MemoryLength.steps(ofFactor: 0) == 0)
  }

  @Test func gatesAreFoundByTheNamesOfTheirParameters() throws {
    let records = try Diagnostics.activations(of: FlowExperiment(length: 4, batch: 2).trial(of: LSTM(units: 3)))
    #expect(records.filter { $0.kind == .sigmoid }.map(\.name) == ["input", "forget", "output"])
    #expect(records.contains { $0.name == "candidate" && $0.kind == .tanh })
    #expect(records.filter { $0.kind == .value }.map(\.name) == ["c", "h"])
    #expect(records.allSatisfy { $0.steps.count == 4 && $0.steps.allSatisfy { $0.count == 6 } && $0.units == 3 })
    let gru = try Diagnostics.activations(
      of: FlowExperiment(length: 2, batch: 1).trial(of: Stack([GRU(units: 2), GRU(units: 2)])))
    #expect(
      gru.filter { $0.kind == .sigmoid }.map(\.name).sorted()
        == ["layer0.reset", "layer0.update", "layer1.reset", "layer1.update"])
  }

  @Test func forgetGateOfAnLSTMWithoutInputIsItsBias() throws {
    // With weights of 0 every gate is σ(b): the forget gate σ(1).
    let recording = try Recording(LSTM(units: 2), features: 2, element: .float64)
    var bindings = Bindings(recording.initialValues(seed: 1))
    for parameter in recording.parameters where parameter.name.hasSuffix("weight") {
      bindings.values[parameter.name] = Tensor(
        parameter.shape.array, [Double](repeating: 0, count: parameter.shape.count))
    }
    bindings.values["x"] = Tensor([3, 1, 2], scattered(6))
    let records = try Diagnostics.activations(of: Trial(recording, bindings))
    let forget = try #require(records.first { $0.name == "forget" })
    let expected = 1 / (1 + exp(-1.0))
    #expect(forget.steps.flatMap { $0 }.allSatisfy { abs($0 - expected) < 1e-15 })
    #expect(forget.timeConstants().allSatisfy { abs($0 + 1 / log(expected)) < 1e-12 })
  }

  @Test func raggedStepsThatAreNotThereAreLeftOut() throws {
    let recording = try Recording(GRU(units: 2), features: 1, element: .float64, ragged: true)
    var bindings = Bindings(recording.initialValues(seed: 1))
    let lengths: [Int32] = [1, 3]
    bindings.values["lengths"] = Tensor([2], lengths)
    bindings.values["x"] = Tensor([3, 2, 1], scattered(6))
    let records = try Diagnostics.activations(of: Trial(recording, bindings))
    #expect(records.allSatisfy { $0.steps.map(\.count) == [4, 2, 2] })
    #expect(try #require(records.first { $0.kind == .sigmoid }).statistics.minimum > 0)
  }

  @Test func memoryLengthOfAnExponentialIsItsTimeConstant() throws {
    let curve = NormCurve(samples: (0..<50).reversed().map { [3 * pow(0.9, Double($0))] })
    #expect(abs(try #require(curve.memoryLength.measured) + 1 / log(0.9)) < 1e-12)
    #expect(abs(try #require(curve.memoryLength.fitted) + 1 / log(0.9)) < 1e-10)
    let growing = NormCurve(samples: (0..<9).map { [pow(0.5, Double($0))] })
    #expect(growing.memoryLength.measured == nil)
    #expect(growing.memoryLength.fitted == .infinity)
    // Falls from 1 to 0 at once: at the step itself.
    #expect(NormCurve(samples: [[0], [0], [1]]).memoryLength.measured == 1)
  }

  @Test func measuredMemoryOfALeakyUnitIsMinusOneOverItsLogarithm() throws {
    let flow = try Diagnostics.gradientFlow(
      of: FlowExperiment(length: 60, features: 1, batch: 1, element: .float64).trial(of: Leaky(factor: 0.95)))
    let memory = try #require(flow["h"]).total.memoryLength
    #expect(abs(try #require(memory.measured) + 1 / log(0.95)) < 1e-9)
    #expect(abs(try #require(memory.fitted) + 1 / log(0.95)) < 1e-9)
  }
}
