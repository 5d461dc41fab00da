import EbbCells
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Cells whose units do not see each other: their closed forms.
@Suite struct DiagonalTests {
  // MARK: IndRNN

  /// ∂hᵢ(T)/∂hⱼ(0) = δᵢⱼ ∏ₜ uᵢ g′(aᵢ(t))
  @Test(arguments: [Activation.tanh, .sigmoid, .relu])
  func indRNNGradientIsAProductForEachUnit(activation: Activation) throws {
    var trial = try Trial(IndRNN(units: 3, activation: activation), steps: 5, batch: 1)
    trial["input.bias"] = [2, 2, 2]
    let h = try #require(try trial.run()["h"])
    for unit in 0..<3 {
      let product = (0..<5).reduce(1.0) { product, time in
        let value = h[time * 3 + unit]
        let slope =
          switch activation {
          case .tanh: 1 - value * value
          case .sigmoid: value * (1 - value)
          case .relu: value > 0 ? 1.0 : 0
          case .identity, .softplus, .softsign, .exponential, .silu, .gelu, .hardSigmoid, .elu, .leakyReLU, .selu:
            Double.nan
          }
        return product * trial["recurrent"][unit] * slope
      }
      let row = try trial.sensitivity(to: "h.initial") { time, other in time == 4 && other == unit ? 1 : 0 }
      #expect(distance(row, (0..<3).map { $0 == unit ? product : 0 }) < 1e-15)
    }
  }

  @Test func indRNNRemembersWithRectifiersAndOnes() throws {
    var trial = try Trial(IndRNN(units: 3), steps: 30, batch: 1)
    trial["recurrent"] = [1, 1, 1]
    trial["x"] = trial["x"].map { _ in 0 }
    trial["input.bias"] = [0, 0, 0]
    trial["h.initial"] = [1, 2, 3]
    let row = try trial.sensitivity(to: "h.initial") { time, unit in time == 29 ? Double(unit + 1) : 0 }
    #expect(row == [1, 2, 3])
  }

  // MARK: minGRU and minLSTM

  /// h_T = ∏ₜ aₜ ⊙ h₀ + Σₖ ∏_{t>k} aₜ ⊙ bₖ: what a parallel scan computes.
  private func closedForm(_ trial: Trial, _ gates: (Vector) -> (keep: Vector, add: Vector)) -> Vector {
    (0..<trial.steps).flatMap { last -> Vector in
      let steps = (0...last).map { gates(trial.row($0, of: trial["x"], of: trial.steps)) }
      return (0...last).reduce(steps.reduce(trial["h.initial"]) { $0 * $1.keep }) { sum, step in
        sum + steps[(step + 1)...].reduce(steps[step].add) { $0 * $1.keep }
      }
    }
  }

  @Test func minGRUEqualsItsClosedForm() throws {
    let trial = try Trial(MinGRU(units: 3), steps: 7, batch: 1)
    let expected = closedForm(trial) { x in
      let z = sigmoid(trial.affine("update", x))
      return (1 - z, z * trial.affine("candidate", x))
    }
    let found = try trial.run()["y"] ?? []
    #expect(distance(found, expected) < 1e-13)
  }

  @Test func minLSTMEqualsItsClosedForm() throws {
    let trial = try Trial(MinLSTM(units: 3), steps: 7, batch: 1)
    let expected = closedForm(trial) { x in
      let (f, i) = (sigmoid(trial.affine("forget", x)), sigmoid(trial.affine("input", x)))
      return (f / (f + i), i / (f + i) * trial.affine("candidate", x))
    }
    let found = try trial.run()["y"] ?? []
    #expect(distance(found, expected) < 1e-13)
  }

  @Test func minLSTMSharesOutGatesThatAreBothClosed() throws {
    // σ(−800) is 0 in Float64, and e⁻⁸⁰⁰ / (e⁻⁸⁰⁰ + e⁻⁸⁰¹) = σ(1).
    var trial = try Trial(MinLSTM(units: 1), features: 1, steps: 1, batch: 1)
    for (name, bias) in [("forget", -800.0), ("input", -801), ("candidate", 0)] {
      trial[name + ".weight"] = [0]
      trial[name + ".bias"] = [bias]
    }
    trial["h.initial"] = [2]
    let found = try trial.run(gradients: ["forget.bias"])
    #expect(distance(found["y"] ?? [], [2 * sigmoid([1])[0]]) < 1e-12)
    #expect((found["d/forget.bias"] ?? [.nan]).allSatisfy { $0.isFinite })
  }

  // MARK: LRU

  private struct Complex {
    var real: Double
    var imaginary: Double
    static func + (a: Complex, b: Complex) -> Complex {
      Complex(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
    }
    static func * (a: Complex, b: Complex) -> Complex {
      Complex(real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
    }
  }

  @Test func lruEqualsTheComplexRecurrence() throws {
    let (units, outputs) = (4, 2)
    let worst = try Trial(LinearRecurrentUnit(units: units, outputs: outputs)).largestDifference { w, s, x in
      let (real, imaginary) = (matrixProduct(x, w["inputReal.weight"]), matrixProduct(x, w["inputImaginary.weight"]))
      let weights = w["output.weight"]
      var y = Vector(repeating: 0, count: outputs)
      for unit in 0..<units {
        // s' = λ s + γ B x with λ = exp(−eᵛ + i e^θ*) and γ = √(1 − |λ|²)
        let magnitude = Foundation.exp(-Foundation.exp(w["decay"][unit]))
        let angle = Foundation.exp(w["phase"][unit])
        let lambda = Complex(real: magnitude * cos(angle), imaginary: magnitude * sin(angle))
        let gamma = (1 - magnitude * magnitude).squareRoot()
        let state =
          lambda * Complex(real: s[0][unit], imaginary: s[1][unit])
          + Complex(real: gamma * real[unit], imaginary: gamma * imaginary[unit])
        (s[0][unit], s[1][unit]) = (state.real, state.imaginary)
        // y = Re(C s): the weight holds Re C and −Im C
        for output in 0..<outputs {
          let (real, imaginary) = (weights[unit * outputs + output], -weights[(units + unit) * outputs + output])
          let c = Complex(real: real, imaginary: imaginary)
          y[output] += (c * state).real
        }
      }
      return y + matrixProduct(x, Array(weights[(2 * units * outputs)...]))
    }
    #expect(worst < 1e-12)
  }

  /// Without an input |s_T| = |λ|ᵀ |s₀| and |λ| = exp(−eᵛ), which is no more than 1 for any ν.
  @Test func lruEigenvaluesAreInsideTheUnitCircle() throws {
    var trial = try Trial(LinearRecurrentUnit(units: 4), steps: 12, batch: 1)
    trial["x"] = trial["x"].map { _ in 0 }
    trial["decay"] = [-40, -3, 0, 5]
    let found = try trial.run()
    for unit in 0..<4 {
      let start = hypot(trial["real.initial"][unit], trial["imaginary.initial"][unit])
      for time in 0..<12 {
        let norm = hypot(found["real"]?[time * 4 + unit] ?? .nan, found["imaginary"]?[time * 4 + unit] ?? .nan)
        let expected = start * Foundation.exp(-Foundation.exp(trial["decay"][unit]) * Double(time + 1))
        #expect(abs(norm - expected) < 1e-13)
        #expect(norm <= start * (1 + 1e-14))
      }
    }
  }

  @Test func lruBeginsOnItsRing() throws {
    let cell = LinearRecurrentUnit(units: 400, innerRadius: 0.5, outerRadius: 0.9, maximumPhase: 1.5)
    let values = try Recording(cell, features: 2, element: .float64).initialValues(seed: 4)
    let radii = (values["decay"]?.doubles ?? []).map { Foundation.exp(-Foundation.exp($0)) }
    let phases = (values["phase"]?.doubles ?? []).map { Foundation.exp($0) }
    #expect(radii.count == 400 && radii.allSatisfy { 0.5 - 1e-12 <= $0 && $0 <= 0.9 + 1e-12 })
    #expect(phases.count == 400 && phases.allSatisfy { 0 < $0 && $0 <= 1.5 + 1e-12 })
    // |λ|² is uniform on [0.25, 0.81]: its mean is 0.53, to within 4 · 0.56 / √(12 · 400).
    let mean = radii.reduce(0) { $0 + $1 * $1 } / 400
    #expect(abs(mean - 0.53) < 0.033)
  }
}
