import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Losses that read one value of a network, and gradients that reach back over exactly k steps.
@Suite struct ReadingTests {
  /// h' = a h + x + b, of which nothing is an output but y = 0 · h.
  private func linear(_ a: Double, ragged: Bool = false) throws -> Trial {
    let recording = try Recording(Diagonal(factor: a), features: 1, element: .float64, ragged: ragged) { scope, y in
      scope.output("y", sumOverFeatures(y) * 0)
    }
    var bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["x"] = Tensor([6, 2, 1], (0..<12).map { Double($0) / 5 - 1 })
    if ragged { bindings.values["lengths"] = Tensor([2], [Int32(6), 3]) }
    return Trial(recording, bindings)
  }

  /// dh_s/dh_t = aˢ⁻ᵗ
  @Test(arguments: [false, true]) func aStateIsReadAtAStep(ragged: Bool) throws {
    let trial = try linear(0.5, ragged: ragged)
    func norms(_ steps: ReadSteps) throws -> [[Double]] {
      let read = Trial(try trial.recording.reading("h", at: steps), trial.bindings)
      return try #require(try Diagnostics.gradientDetail(of: read)["h"]).total.norms
    }
    let fourth = try norms(.step(3))
    #expect(fourth.map { $0[0] } == [0.125, 0.25, 0.5, 1, 0, 0])
    // The second sequence may have ended before.
    #expect(fourth.prefix(3).map { $0[1] } == (ragged ? [0, 0, 0] : [0.125, 0.25, 0.5]))
    let last = try norms(.last)
    #expect(last.map { $0[0] } == [0.03125, 0.0625, 0.125, 0.25, 0.5, 1])
    if ragged { #expect(last.prefix(3).map { $0[1] } == [0.25, 0.5, 1]) }
    // (1 + a + a² + …) / T
    let mean = try norms(.mean)
    #expect(abs(mean[3][0] - 1.75 / 6) < 1e-15)
    if ragged { #expect(abs(mean[1][1] - 1.5 / 3) < 1e-15) }
    let beyond = try norms(.step(9)).joined()
    #expect(beyond.allSatisfy { $0 == 0 || $0.isNaN })
  }

  /// An LSTM's c_t is no output of a stack.
  @Test func aHiddenStateOfALayer() throws {
    let recording = try Recording(Stack([LSTM(units: 3), LSTM(units: 2)]), features: 2, element: .float64)
    let trial = Trial(
      try recording.reading("layer0.c", at: .step(2), unit: 1),
      Bindings(recording.initialValues(seed: 4)).with("x", [5, 2, 2]))
    #expect(trial.recording.graph.outputs.map(\.name).sorted() == ["loss", "y"])
    let detail = try Diagnostics.gradientDetail(of: trial)
    let c = try #require(detail["layer0.c"]?.total)
    #expect(Array(c.adjoint(step: 2, sample: 0)) == [0, 1, 0] && c.norms[3] == [0, 0] && c.norms[0][0] > 0)
    #expect(try #require(detail["layer1.h"]).total.norms.joined().allSatisfy { $0 == 0 })
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let recording = try linear(0.5).recording
    func message(_ body: () throws -> Recording) -> String {
      do { return "\(try body().states.count)" } catch { return "\(error)" }
    }
    #expect(message { try recording.reading("c") }.contains("no value named c; there are h, kept, y"))
    #expect(message { try recording.reading("h", unit: 1) }.contains("has the entries 0 to 0, and no 1"))
    #expect(message { try recording.reading("h", at: .step(-1)) }.contains("there is no step -1"))
  }

  /// Σ_s Σ_{j < k} aʲ of a loss at every step, Σ_{j < k} aʲ of one at the last, for each of two sequences.
  @Test(arguments: [false, true]) func truncationToExactlyKLags(ragged: Bool) throws {
    let (a, trial) = (0.5, try linear(0.5, ragged: ragged))
    let lengths = ragged ? [6, 3] : [6, 6]
    for steps in [ReadSteps.each, .last] {
      let read = Trial(try trial.recording.reading("h", at: steps), trial.bindings)
      let bias = try Diagnostics.truncation(of: read, to: [1, 2, 4, 6, 9], cut: .lags)
      func geometric(_ count: Int) -> Double { (0..<count).reduce(0.0) { $0 + pow(a, Double($1)) } }
      func sum(_ k: Int) -> Double {
        lengths.reduce(0.0) { total, length in
          let ends = steps == .last ? [length] : Array(1...length)
          return total + ends.reduce(0.0) { $0 + geometric(min(k, $1)) }
        }
      }
      let b = try #require(bias.parameters.firstIndex(of: "b"))
      for truncation in bias.truncations {
        let expected = sum(truncation.steps) / sum(6)
        #expect(abs(truncation.parameters[b].normRatio - expected) < 1e-14)
      }
      for truncation in bias.truncations[3...] { #expect(truncation.all.dropped < 1e-15) }
      #expect(bias.truncations[0].all.dropped > 0.1)
    }
    // Windows cut at the same step for all losses: the last loss's window of 4 begins at step 4.
    let last = Trial(try trial.recording.reading("h"), trial.bindings)
    let windows = try Diagnostics.truncation(of: last, to: [4])
    let lags = try Diagnostics.truncation(of: last, to: [4], cut: .lags)
    #expect(windows.truncations[0].all != lags.truncations[0].all)
  }
}

extension Bindings {
  fileprivate func with(_ name: String, _ dimensions: [Int]) -> Bindings {
    var result = self
    let stream = RandomStream(seed: 9, stream: 1)
    result.values[name] = Tensor(
      dimensions, (0..<dimensions.reduce(1, *)).map { stream.value(.normal, at: .zero, element: UInt32($0)) })
    return result
  }
}
