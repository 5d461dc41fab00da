import EbbCells
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Biases that let each unit remember for a time of its own.
@Suite struct ChronoTests {
  let units = 300
  let longest = 50.0

  /// The first value of one parameter, without those of all others.
  private func firstValue(_ name: String, of cell: some RecurrentCell) throws -> Vector {
    let model = try Recording(cell, features: 2, element: .float64)
    let parameter = try #require(model.parameters.first { $0.name == name })
    return parameter.initializer.value(shape: parameter.shape, as: .float64, seed: 2, name: name).doubles
  }

  @Test func lstmRemembersUpToItsLongestDependency() throws {
    let layer = LSTM(units: units, longestDependency: longest)
    let cell = Stack([layer, layer])
    let forget = try firstValue("layer0.forget.bias", of: cell)
    let input = try firstValue("layer0.input.bias", of: cell)
    #expect(forget.count == units && input == forget.map { -$0 })
    let other = try firstValue("layer1.forget.bias", of: cell)
    #expect(other != forget)
    // u = eᵇ is uniform on [1, T − 1]; a unit that forgets 1 − σ(b) a step remembers for 1 + u steps.
    let times = sigmoid(forget).map { 1 / (1 - $0) }
    #expect(times.allSatisfy { 2 <= $0 && $0 <= longest + 1e-9 })
    let mean = times.reduce(0, +) / Double(units)
    let deviation = (longest - 2) / (12 * Double(units)).squareRoot()
    #expect(abs(mean - (2 + longest) / 2) < 4 * deviation)
  }

  @Test func gruUpdatesAtMostEverySecondStep() throws {
    let update = try firstValue("update.bias", of: GRU(units: units, longestDependency: longest))
    #expect(update.count == units && update.allSatisfy { -log(longest - 1) <= $0 && $0 <= 0 })
  }

  @Test func withoutALongestDependencyBiasesAreAsBefore() throws {
    let forget = try firstValue("forget.bias", of: LSTM(units: 2))
    let input = try firstValue("input.bias", of: LSTM(units: 2))
    let update = try firstValue("update.bias", of: GRU(units: 2))
    #expect(forget == [1, 1] && input == [0, 0] && update == [0, 0])
  }

  @Test func aDependencyOfTwoStepsIsRejected() {
    #expect(throws: RecordingError.self) { try Recording(LSTM(units: 2, longestDependency: 2), features: 2) }
  }
}
