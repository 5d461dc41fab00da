import Ebb
import Foundation

/// h' = J tanh(h) + x with Jᵢⱼ ~ N(0, g² / N): a random network in discrete time.
private struct RandomNetwork: RecurrentCell {
  var units: Int
  var gain: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let coupling = Initializer.normal(deviation: gain / Double(units).squareRoot())
    return h.next(scope.affine("coupling", [tanh(h)], units, weights: [coupling], bias: nil) + x)
  }
}

/// The exponents along one trajectory with a random start.
private func spectrum(units: Int, gain: Double, steps: Int) throws -> LyapunovSpectrum {
  let recording = try Recording(RandomNetwork(units: units, gain: gain), features: units, element: .float64)
  let random = RandomStream(seed: 1, stream: 0x4C)
  // The only input: where the trajectory begins.
  let x = (0..<steps * units).map { index in
    index < units ? random.value(.normal, at: [UInt32(index), 0, 0], element: 0) : 0
  }
  var bindings = Bindings(recording.initialValues(seed: 1))
  bindings.values["x"] = Tensor([steps, 1, units], x)
  return try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), .init(transient: steps / 4))
}

/// The mean of f over the standard normal distribution, by the trapezoidal rule.
private func normalMean(_ f: (Double) -> Double) -> Double {
  let step = 0.005
  return stride(from: -9.0, through: 9, by: step).reduce(0) { sum, z in
    sum + f(z) * exp(-z * z / 2) * step / (2 * Double.pi).squareRoot()
  }
}

/// The mean-field theory of the network, for N → ∞ and g > 1:
///
///     Δ = g² ⟨tanh²(√Δ z)⟩           the variance of h
///     λ₁ = ½ ln(g² ⟨tanh′²(√Δ z)⟩)   the largest exponent
private func meanFieldExponent(gain: Double) -> Double {
  var variance = gain * gain
  for _ in 0..<2000 {
    variance = gain * gain * normalMean { z in pow(tanh(variance.squareRoot() * z), 2) }
  }
  return 0.5 * log(gain * gain * normalMean { z in pow(cosh(variance.squareRoot() * z), -4) })
}

let lyapunovSpectra = Reproduction(
  name: "lyapunov", paper: "Engelken, Wolf & Abbott 2023: Lyapunov spectra of random networks",
  claim: "Random networks become chaotic at g = 1, and their chaos is extensive: dimension grows with the size N, "
    + "while the spectrum over i / N stays as it is.",
  cuts:
    "networks in discrete time, one trajectory of 800 steps, N = 50 and 100; the paper's column is what theory says "
    + "for N → ∞"
) { effort in
  var findings: [Finding] = []
  let steps = effort(full: 800, quick: 120)
  let sizes = effort == .full ? [50, 100] : [20]
  for size in sizes {
    // For g < 1 the trajectory converges to 0, where the Jacobian is J: λ₁ is the logarithm of its spectral radius, g
    // for N → ∞.
    let calm = try spectrum(units: size, gain: 0.7, steps: steps)
    findings.append(
      Finding("λ₁, g = 0.7, N = \(size)", paper: "ln g = \(number(log(0.7)))", here: number(calm.exponents[0])))
  }
  for gain in [2.0, 4] {
    for size in sizes {
      let chaos = try spectrum(units: size, gain: gain, steps: steps)
      let dimension = (chaos.kaplanYorkeDimension ?? .nan) / Double(size)
      findings.append(
        Finding(
          "λ₁, g = \(number(gain)), N = \(size)",
          paper: "\(number(meanFieldExponent(gain: gain))), by mean-field theory", here: number(chaos.exponents[0])))
      findings.append(
        Finding(
          "attractor's dimension / N, g = \(number(gain)), N = \(size)", paper: "much below 1, the same for all N",
          here: number(dimension)))
    }
  }
  return findings
}
