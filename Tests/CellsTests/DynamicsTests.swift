import EbbCells
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Cells that are steps of differential equations: what their papers prove of them.
@Suite struct DynamicsTests {
  // MARK: Antisymmetric

  /// At h = x = b = 0, where tanh′ is 1: J = (1 − εγ) I + ε A with A = W − Wᵀ, so J Jᵀ = (1 − εγ)² I + ε² A Aᵀ. The singular
  /// values are √((1 − εγ)² + ε² ω²), where ±iω are the eigenvalues of A.
  @Test(arguments: [(0.05, 0.0), (0.05, 0.2), (0.5, 0.1)])
  func antisymmetricJacobianIsNearlyOrthogonal(step: Double, diffusion: Double) throws {
    var trial = try Trial(AntisymmetricRNN(units: 4, step: step, diffusion: diffusion), steps: 1, batch: 1)
    for name in ["x", "h.initial", "input.bias"] { trial[name] = trial[name].map { _ in 0 } }
    let rows = try (0..<4).map { unit in try trial.sensitivity(to: "h.initial") { $1 == unit ? 1 : 0 } }
    let a = antisymmetric(trial["recurrent.weight"], 4)
    for i in 0..<4 {
      for j in 0..<4 {
        let squared = dot(trial.row(i, of: a, of: 4), trial.row(j, of: a, of: 4))
        let expected = step * step * squared + (i == j ? pow(1 - step * diffusion, 2) : 0)
        #expect(abs(dot(rows[i], rows[j]) - expected) < 1e-14)
      }
    }
  }

  /// Anywhere: J = I + ε D (A − γ I) with 0 ≤ D ≤ 1, so every singular value is within ε ‖A − γ I‖ of 1.
  @Test(arguments: [0.001, 0.01, 0.1], [false, true])
  func antisymmetricGradientsKeepTheirNorm(step: Double, isGated: Bool) throws {
    let cell = AntisymmetricRNN(units: 4, isGated: isGated, step: step, diffusion: 0.1)
    let trial = try Trial(cell, steps: 1, batch: 1)
    let a = antisymmetric(trial["recurrent.weight"], 4)
    let norm = (dot(a, a) + 4 * 0.01).squareRoot()
    for seed in 0..<5 {
      let random = RandomStream(seed: UInt64(seed), stream: 1)
      let v = (0..<4).map { random.value(.normal, at: .zero, element: UInt32($0)) }
      let row = try trial.sensitivity(to: "h.initial") { v[$1] }
      let ratio = (dot(row, row) / dot(v, v)).squareRoot()
      // The slope of σ(v) tanh(v) is at most 1.2.
      #expect(abs(ratio - 1) <= 1.2 * step * norm && ratio != 1)
    }
  }

  // MARK: Oscillators

  /// ‖z‖² + γ ‖y‖² grows by at most H Δt / (ε − γ Δt) a step, however large weights and inputs are.
  @Test(arguments: [(0.05, 1.0, 1.0), (0.1, 2.7, 4.7), (0.3, 0.5, 1.0)])
  func coRNNEnergyIsBounded(timeStep: Double, stiffness: Double, damping: Double) throws {
    let cell = CoRNN(units: 4, timeStep: timeStep, stiffness: stiffness, damping: damping)
    var trial = try Trial(cell, steps: 60, batch: 1, scale: 8)
    trial["x"] = trial["x"].map { _ in 3 }
    for name in ["y.initial", "z.initial"] { trial[name] = [0, 0, 0, 0] }
    let found = try trial.run()
    let growth = 4 * timeStep / (damping - stiffness * timeStep)
    var before = 0.0
    for time in 0..<60 {
      let (y, z) = (trial.row(time, of: found["y"] ?? [], of: 60), trial.row(time, of: found["z"] ?? [], of: 60))
      let energy = dot(z, z) + stiffness * dot(y, y)
      #expect(energy - before <= growth * (1 + 1e-12))
      before = energy
    }
    #expect(before > 0)
  }

  /// The Jacobian of (y, z) through 20 steps is one 2 × 2 matrix for each unit, with determinant 1.
  @Test func unICORNNKeepsAreas() throws {
    let trial = try Trial(UnICORNN(units: 3, timeStep: 0.4), steps: 20, batch: 1, scale: 1.5)
    let steps = 0.4 * sigmoid(trial["clock"])
    for unit in 0..<3 {
      // z_T is (y_T − y_{T−1}) / (Δt σ(c))
      func position(_ time: Int, _ other: Int) -> Double { time == 19 && other == unit ? 1 : 0 }
      func velocity(_ time: Int, _ other: Int) -> Double {
        other == unit && time >= 18 ? (time == 19 ? 1 : -1) / steps[unit] : 0
      }
      let yy = try trial.sensitivity(to: "y.initial", position)
      let yz = try trial.sensitivity(to: "z.initial", position)
      let zy = try trial.sensitivity(to: "y.initial", velocity)
      let zz = try trial.sensitivity(to: "z.initial", velocity)
      #expect(abs(yy[unit] * zz[unit] - yz[unit] * zy[unit] - 1) < 1e-12)
      for other in 0..<3 where other != unit { #expect(yy[other] == 0 && yz[other] == 0) }
    }
  }

  /// H = α/2 y² + z²/2 + log cosh(w y + v) / w oscillates by O(Δt), and does not drift.
  @Test func unICORNNEnergyDoesNotDrift() throws {
    func deviations(_ timeStep: Double, _ steps: Int) throws -> Vector {
      var trial = try Trial(UnICORNN(units: 2, timeStep: timeStep), features: 1, steps: steps, batch: 1)
      trial["x"] = trial["x"].map { _ in 0.5 }
      (trial["recurrent"], trial["clock"]) = ([0.8, 1.3], [0, 1])
      (trial["y.initial"], trial["z.initial"]) = ([1, -0.5], [0.3, 1])
      let drive = trial.affine("input", [0.5])
      func energy(_ y: Vector, _ z: Vector) -> Vector {
        (0..<2).map { unit in
          let w = trial["recurrent"][unit]
          return 0.5 * y[unit] * y[unit] + 0.5 * z[unit] * z[unit] + log(cosh(w * y[unit] + drive[unit])) / w
        }
      }
      let start = energy(trial["y.initial"], trial["z.initial"])
      let found = try trial.run()
      return (0..<steps).map { time in
        let y = trial.row(time, of: found["y"] ?? [], of: steps)
        let z = trial.row(time, of: found["z"] ?? [], of: steps)
        return distance(energy(y, z), start)
      }
    }
    let coarse = try deviations(0.2, 400)
    let (early, late) = (coarse[..<200].max() ?? 0, coarse[200...].max() ?? .infinity)
    #expect(early > 1e-3 && late < 1.05 * early)
    let fine = try deviations(0.1, 400).max() ?? .infinity
    #expect((1.7...2.3).contains(early / fine))
  }

  // MARK: States within ±1

  @Test func longExpressiveMemoryStaysWithinOne() throws {
    var trial = try Trial(LongExpressiveMemory(units: 4), steps: 30, scale: 8)
    for name in ["y.initial", "z.initial"] { trial[name] = trial[name].map { tanh([$0])[0] } }
    let found = try trial.run()
    for name in ["y", "z"] {
      #expect((found[name] ?? [.nan]).allSatisfy { abs($0) <= 1 })
      #expect((found[name] ?? []).contains { abs($0) > 0.9 })
    }
  }

  @Test func coupledGateLSTMCellStaysWithinOne() throws {
    var trial = try Trial(CoupledGateLSTM(units: 4), steps: 30, scale: 8)
    trial["c.initial"] = tanh(trial["c.initial"])
    let c = try #require(try trial.run()["c"])
    #expect(c.allSatisfy { abs($0) <= 1 } && c.contains { abs($0) > 0.9 })
  }

  // MARK: Echo state

  @Test func reservoirIsNotTrained() throws {
    let trial = try Trial(Stack([EchoState(units: 4, biasScale: 1), Dense(units: 2)]))
    let names = trial.model.parameters.map(\.name)
    #expect(trial.model.parameters.filter(\.isTrained).map(\.name) == ["layer1.dense.weight", "layer1.dense.bias"])
    #expect(trial.model.parameters.first?.initializer == .spectralRadius(0.9))
    let found = try trial.run(gradients: names + ["layer0.h.initial", "x"])
    for name in names {
      let isZero = (found["d/" + name] ?? []).allSatisfy { $0 == 0 }
      #expect(isZero == name.hasPrefix("layer0"), "\(name)")
    }
    for name in ["layer0.h.initial", "x"] { #expect((found["d/" + name] ?? []).contains { abs($0) > 1e-3 }) }
  }

  /// Two initial states under one input become one; with a large radius and no input they do not.
  @Test(arguments: [(0.7, true), (3.0, false)])
  func pastFades(radius: Double, fades: Bool) throws {
    let cell = EchoState(units: 6, spectralRadius: radius, leakage: 0.8)
    var trial = try Trial(cell, steps: 80, batch: 2).atFirstValues()
    trial["x"] = trial["x"].map { _ in 0 }
    let y = try #require(try trial.run()["y"])
    let (first, second) = (trial.row(158, of: y, of: 160), trial.row(159, of: y, of: 160))
    #expect((distance(first, second) < 1e-3) == fades)
  }
}
