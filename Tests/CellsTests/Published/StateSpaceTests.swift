import EbbCells
import EbbRecording
import Foundation
import Testing

/// State spaces: what their discretisation, their selection and their memory promise.
@Suite struct StateSpaceTests {
  /// The step of a held input is exact: two steps of Δ are one of 2Δ.
  @Test func twoStepsAreOneOfTwiceTheLength() throws {
    for cell: any RecurrentCell in [S5(units: 3), S4D(units: 3, order: 2)] {
      func states(_ steps: Int, longer: Double) throws -> [Vector] {
        var trial = try Trial(cell, features: 1, steps: steps, batch: 1)
        for name in ["real", "imaginary"] { trial[name + ".initial"] = trial[name + ".initial"].map { _ in 0.3 } }
        trial["x"] = trial["x"].map { _ in 0.7 }
        trial["step"] = trial["step"].map { $0 + log(longer) }
        let found = try trial.run()
        return ["real", "imaginary"].map { trial.row(steps - 1, of: found[$0] ?? [], of: steps) }
      }
      for (short, long) in zip(try states(6, longer: 1), try states(3, longer: 2)) {
        #expect(distance(short, long) < 1e-13 && short.contains { abs($0) > 0.01 })
      }
    }
  }

  /// Short steps of slow modes: λ̄ − 1 and its quotient by λ keep their digits.
  @Test func shortStepsKeepTheirDigits() throws {
    var trial = try Trial(S5(units: 1), features: 1, steps: 1, batch: 1)
    for name in ["real", "imaginary"] { trial[name + ".initial"] = [0] }
    (trial["x"], trial["inputReal.weight"], trial["inputImaginary.weight"]) = ([1], [1], [0])
    (trial["decay"], trial["frequency"], trial["step"]) = ([log(0.25)], [0.5], [log(1e-9)])
    let found = try trial.run()
    // β̄ = Δ + λ Δ²/2 + …
    let (real, imaginary) = (found["real"]?[0] ?? .nan, found["imaginary"]?[0] ?? .nan)
    #expect(abs(real / (1e-9 - 0.125e-18) - 1) < 1e-14)
    #expect(abs(imaginary / 0.25e-18 - 1) < 1e-6)
  }

  /// Δ near 0 keeps the state and ignores the input; a large Δ forgets and writes.
  @Test func theStepSelects() throws {
    func state(_ bias: Double) throws -> (Trial, Vector) {
      var trial = try Trial(SelectiveStateSpace(units: 3, order: 2), steps: 4, batch: 1)
      trial["step.weight"] = [0, 0, 0]
      trial["step.bias"] = [bias, bias, bias]
      let found = try trial.run()
      return (trial, trial.row(3, of: found["state"] ?? [], of: 4))
    }
    let (kept, closed) = try state(-40)
    #expect(distance(closed, kept["state.initial"]) < 1e-14)
    let (written, open) = try state(200)
    let u = written.affine("input", written.row(3, of: written["x"], of: 4))
    let write = written.affine("write", u)
    #expect(distance(open, u.flatMap { value in 200 * value * write }) < 1e-9)
  }

  // MARK: RWKV

  @Test func onlyWhatTheScaleStandsForCounts() throws {
    var trial = try Trial(RWKVTimeMixing(units: 3))
    trial["b.initial"] = trial["b.initial"].map { abs($0) }
    let y = try #require(try trial.run()["y"])
    trial["p.initial"] = trial["p.initial"].map { $0 + 2.5 }
    for name in ["a.initial", "b.initial"] { trial[name] = Foundation.exp(-2.5) * trial[name] }
    let found = try trial.run(gradients: ["p"])
    #expect(distance(found["y"] ?? [], y) < 1e-13)
    #expect((found["d/p"] ?? [1]).allSatisfy { abs($0) < 1e-13 })
  }

  /// The output is a mean of values, whatever the keys are, also at the first step.
  @Test(arguments: [-1000.0, -100, 1, 100, 1000])
  func extremeKeysGiveMeans(scale: Double) throws {
    var trial = try Trial(RWKVTimeMixing(units: 2), features: 2, steps: 8, batch: 1)
    for name in ["a", "b", "p"] { trial[name + ".initial"] = [0, 0] }
    trial["key.weight"] = trial["key.weight"].map { $0 * scale }
    trial["x"] = trial["x"].map { abs($0) }
    trial["output.weight"] = [1, 0, 0, 1]
    trial["receptance.weight"] = [0, 0, 0, 0]
    trial["value.mix"] = [1, 1]
    let names = trial.model.parameters.map(\.name) + ["x"]
    let found = try trial.run(gradients: names)
    for name in names { #expect((found["d/" + name] ?? [.nan]).allSatisfy { $0.isFinite }, "\(name)") }
    var (low, high) = ([Double](repeating: .infinity, count: 2), [Double](repeating: -.infinity, count: 2))
    for time in 0..<8 {
      let value = trial.affine("value", trial.row(time, of: trial["x"], of: 8))
      let y = 2 * trial.row(time, of: found["y"] ?? [], of: 8)
      for unit in 0..<2 {
        (low[unit], high[unit]) = (min(low[unit], value[unit]), max(high[unit], value[unit]))
        #expect(low[unit] - 1e-12 <= y[unit] && y[unit] <= high[unit] + 1e-12)
      }
    }
  }

  // MARK: LMU

  /// The memory is the last θ steps: the signal of τ steps ago is Σᵢ mᵢ Pᵢ(2τ/θ − 1).
  @Test func memoryHoldsTheWindow() throws {
    let (order, steps, window) = (8, 120, 60.0)
    let cell = LegendreMemoryUnit(units: 1, order: order, window: window)
    var trial = try Trial(cell, features: 1, steps: steps, batch: 1)
    trial["encoder.weight"] = (0..<order + 2).map { $0 == 0 ? 1 : 0 }
    trial["m.initial"] = [Double](repeating: 0, count: order)
    trial["x"] = (0..<steps).map { sin(0.1 * Double($0)) }
    let found = try trial.run()
    let memory = trial.row(steps - 1, of: found["m"] ?? [], of: steps)
    for delay in stride(from: 0.0, through: window, by: 10) {
      // (k + 1) Pₖ₊₁ = (2k + 1) z Pₖ − k Pₖ₋₁
      let z = 2 * delay / window - 1
      var legendre = [1, z]
      for k in 1..<order - 1 {
        legendre.append((Double(2 * k + 1) * z * legendre[k] - Double(k) * legendre[k - 1]) / Double(k + 1))
      }
      // The input is held for a step after its time.
      #expect(abs(dot(memory, legendre) - sin(0.1 * (Double(steps) - 0.5 - delay))) < 0.02, "\(delay)")
    }
  }

  // MARK: expRNN

  @Test func rotationsKeepTheGradient() throws {
    var trial = try Trial(ExponentialRNN(units: 4), steps: 20, batch: 1, scale: 2)
    trial["bias"] = [0, 0, 0, 0]
    let readout = [0.3, -1, 0.5, 2]
    let gradient = try trial.sensitivity(to: "h.initial") { $0 == 19 ? readout[$1] : 0 }
    #expect(abs(dot(gradient, gradient) / dot(readout, readout) - 1) < 1e-13)
  }
}
