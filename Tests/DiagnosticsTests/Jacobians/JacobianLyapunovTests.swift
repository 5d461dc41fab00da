import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Lyapunov exponents that a formula gives, or that others have published.
@Suite struct JacobianLyapunovTests {
  private func orthogonal(_ size: Int) throws -> Matrix {
    try QRFactorization(Matrix(rows: size, columns: size, scattered(size * size, 5))).q
  }

  @Test(arguments: [0.98, 1, 1.02])
  func normalMatricesHaveTheLogarithmsOfTheirModuli(gain: Double) throws {
    // Q diag(d) Qᵀ, with a gain near 1, where gradients neither vanish nor explode.
    let moduli = [1.0, 0.8, 0.6, 0.4, 0.1].map { $0 * gain }
    let q = try orthogonal(5)
    let a = q * Matrix(diagonal: moduli) * q.transposed
    let (recording, bindings) = try LinearCell.recording(a, length: 400)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), .init(transient: 203))
    #expect(spectrum.steps == 197 && spectrum.dimension == 5)
    #expect(zip(spectrum.exponents, moduli).allSatisfy { abs($0 - log($1)) < 1e-12 })
    #expect(spectrum.standardErrors.allSatisfy { $0 < 1e-13 })
    let determinant = try #require(spectrum.meanLogDeterminant)
    #expect(abs(spectrum.sum - determinant) < 1e-13)
  }

  @Test func complexPairsAndShearsHaveTheirModuli() throws {
    // Eigenvalues 0.9 e^(±0.7 i) and 0.5, in a basis that is not orthogonal: J is not normal.
    let (c, s) = (0.9 * cos(0.7), 0.9 * sin(0.7))
    let a = Matrix([[c, -4 * s, 3], [s / 4, c, -2], [0, 0, 0.5]])
    let (recording, bindings) = try LinearCell.recording(a, length: 4000)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings))
    // Within a pair the rates swing; their sum does not, and the swings average out as 1 / T.
    #expect(abs(spectrum.exponents[0] + spectrum.exponents[1] - 2 * log(0.9)) < 1e-12)
    #expect(abs(spectrum.exponents[0] - log(0.9)) < 2e-3)
    #expect(abs(spectrum.exponents[2] - log(0.5)) < 1e-12)
  }

  @Test func orthogonalStepsHaveNoGrowth() throws {
    let (recording, bindings) = try LinearCell.recording(try orthogonal(8), length: 300, samples: 2)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings))
    #expect(spectrum.exponents.allSatisfy { abs($0) < 1e-14 })
    #expect(abs(try #require(spectrum.meanLogDeterminant)) < 1e-14)
    #expect(spectrum.samples.count == 2)
  }

  @Test func scalarChainsMultiply() throws {
    // h' = x h + 1 with x = 0.5, 2, 0.5, 2, …: the mean logarithm is 0; then with other numbers.
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.over(time).state("h", 1)
      scope.output("y", h.next(x * h + 1))
    }
    let alternating = (0..<40).map { $0 % 2 == 0 ? 0.5 : 2.0 }
    let growing = (0..<40).map { 1 + 0.01 * Double($0) }
    let factors = zip(alternating, growing).flatMap { [$0, $1] }
    let bindings = Bindings(["x": Tensor([40, 2, 1], factors)])
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), .init(transient: 0, blocks: 20))
    let mean = growing.reduce(0) { $0 + log($1) } / 40
    #expect(abs(spectrum.samples[0][0]) < 1e-14)
    #expect(abs(spectrum.samples[1][0] - mean) < 1e-14)
    #expect(abs(spectrum.exponents[0] - mean / 2) < 1e-14)
    // Blocks of two steps: those of the first sample are all 0.
    let blocks = (0..<20).map { (log(growing[2 * $0]) + log(growing[2 * $0 + 1])) / 2 }
    let squares = (blocks + [Double](repeating: 0, count: 20)).map { ($0 - mean / 2) * ($0 - mean / 2) }
    let variance = squares.reduce(0, +) / 39
    #expect(abs(spectrum.standardErrors[0] - (variance / 40).squareRoot()) < 1e-14)
  }

  @Test func henonMapHasItsPublishedExponents() throws {
    // λ₁ ≈ 0.41922 (for example Sprott 2003, appendix A), λ₁ + λ₂ = ln 0.3, dimension 1 + λ₁ / |λ₂| ≈ 1.258.
    let experiment = FlowExperiment(length: 20_000, features: 1, batch: 1, element: .float64)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: experiment.trial(of: HenonMap()))
    #expect(abs(spectrum.exponents[0] - 0.41922) < 4 * spectrum.standardErrors[0] + 1e-5)
    #expect(spectrum.standardErrors[0] < 3e-3)
    #expect(abs(spectrum.sum - log(0.3)) < 1e-12)
    #expect(abs(try #require(spectrum.meanLogDeterminant) - log(0.3)) < 1e-12)
    #expect(abs(try #require(spectrum.kaplanYorkeDimension) - 1.258) < 5e-3)
  }

  @Test func sumIsTheMeanLogarithmOfTheDeterminant() throws {
    let experiment = FlowExperiment(length: 60, features: 2, batch: 2, gain: 1.05, element: .float64)
    for settings in [LyapunovSpectrum.Settings(), .init(transient: 0), .init(transient: 59, blocks: 3)] {
      let spectrum = try Diagnostics.lyapunovSpectrum(of: experiment.trial(of: LSTM(units: 3)), settings)
      #expect(abs(spectrum.sum - (try #require(spectrum.meanLogDeterminant))) < 1e-12 * abs(spectrum.sum))
      #expect(zip(spectrum.exponents, spectrum.exponents.dropFirst()).allSatisfy { $0 >= $1 })
    }
  }

  @Test func fewerDirectionsGiveTheLargestExponents() throws {
    let moduli = [1.1, 0.7, 0.3, 0.1]
    let (recording, bindings) = try LinearCell.recording(Matrix(diagonal: moduli.reversed()), length: 200)
    let settings = LyapunovSpectrum.Settings(count: 2, transient: 100, measuresDeterminants: false)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), settings)
    #expect(zip(spectrum.exponents, moduli).allSatisfy { abs($0 - log($1)) < 1e-12 })
    #expect(spectrum.exponents.count == 2 && spectrum.meanLogDeterminant == nil)
    // ln 1.1 + ln 0.7 < 0: two exponents are enough.
    #expect(abs(try #require(spectrum.kaplanYorkeDimension) - (1 + log(1.1) / -log(0.7))) < 1e-11)
  }

  @Test func directionsThatAreLostHaveNoRate() throws {
    let (recording, bindings) = try LinearCell.recording(Matrix(diagonal: [0.5, 0, 0.9]), length: 50)
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings))
    #expect(spectrum.exponents[2] == -.infinity)
    #expect(spectrum.meanLogDeterminant == -.infinity)
    #expect(spectrum.kaplanYorkeDimension == 0)
    #expect(abs(spectrum.exponents[0] - log(0.9)) < 1e-3)
  }

  @Test func threadsChangeNoBit() throws {
    func spectrum(_ threads: Int) throws -> LyapunovSpectrum {
      let experiment = FlowExperiment(
        length: 40, features: 2, batch: 3, element: .float64, run: RunOptions(.init(threads: threads)))
      return try Diagnostics.lyapunovSpectrum(of: experiment.trial(of: GRU(units: 4)))
    }
    #expect(try spectrum(1) == spectrum(2))
  }

  @Test func whatCannotBeMeasuredIsNamed() throws {
    let (recording, bindings) = try LinearCell.recording(.identity(2), length: 10)
    for (settings, part) in [
      (LyapunovSpectrum.Settings(count: 3), "number of exponents"), (.init(count: 0), "number of exponents"),
      (.init(transient: 10), "transient"), (.init(blocks: 0), "blocks"),
    ] {
      #expect { try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), settings) } throws: {
        "\($0)".contains(part)
      }
    }
    // h' = h² + 1 explodes: 1, 2, 5, 26, 677 … h₁₁ ≈ 10¹⁸¹, and h₁₂, with which step 13 begins, is infinite.
    let exploding = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let h = scope.over(time).state("h", 1)
      scope.output("y", h.next(square(h) + x))
    }
    let ones = Bindings(["x": Tensor([20, 1], [Double](repeating: 1, count: 20))])
    #expect { try Diagnostics.lyapunovSpectrum(of: Trial(exploding, ones)) } throws: {
      "\($0)".contains("of step 13, sample 0, is not finite")
    }
  }
}
