import EbbDiagnostics
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// h' = A h with a matrix A of its own at each step, given as the input.
private struct ProductOfMatrices: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(matmul(h, reshape(x, [units, units])))
  }
}

/// Spectra that random matrices are known to have.
@Suite struct RandomMatrixTests {
  private func normals(_ count: Int) -> [Double] {
    let stream = RandomStream(seed: 5, stream: 1)
    return (0..<count).map { stream.value(.normal, at: .zero, element: UInt32($0)) }
  }

  /// Products of independent matrices of N(0, 1) entries: λᵢ = ½ (ln 2 + ψ((n − i + 1) / 2)) (Newman 1986).
  @Test func productsOfGaussianMatricesHaveNewmansExponents() throws {
    let (units, steps) = (3, 2500)
    let recording = try Recording(ProductOfMatrices(units: units), features: units * units, element: .float64)
    // The trajectory itself stays 0: the exponents are those of the product.
    let bindings = Bindings(["x": Tensor([steps, 1, units * units], normals(steps * units * units))])
    let spectrum = try Diagnostics.lyapunovSpectrum(of: Trial(recording, bindings), .init(transient: 10))
    // ψ(1/2) = −γ − 2 ln 2, ψ(1) = −γ, ψ(3/2) = 2 − γ − 2 ln 2
    let gamma = 0.577_215_664_901_532_9
    let digamma = [2 - gamma - 2 * log(2), -gamma, -gamma - 2 * log(2)]
    for (index, value) in digamma.enumerated() {
      let (expected, error) = ((log(2) + value) / 2, spectrum.standardErrors[index])
      #expect(error < 0.04)
      #expect(abs(spectrum.exponents[index] - expected) < 4 * error, "λ\(index + 1)")
    }
  }

  /// Entries of N(0, 1/n): eigenvalues uniform in the unit disc (Ginibre 1965), singular values with the quarter-circle
  /// law on [0, 2] (Marchenko & Pastur 1967).
  @Test func aGaussianStepHasTheCircularAndTheQuarterCircleLaw() throws {
    let size = 72
    let a = (1 / Double(size).squareRoot()) * Matrix(rows: size, columns: size, normals(size * size))
    let (recording, bindings) = try LinearCell.recording(a, length: 1)
    let step = try #require(try Diagnostics.jacobianSpectra(of: Trial(recording, bindings)).steps.first)
    #expect(abs(step.spectrum.singularValues[0] - 2) < 0.15)
    #expect(abs(step.spectrum.spectralRadius - 1) < 0.15)
    #expect(step.spectrum.rank == size)
    let moduli = step.spectrum.eigenvalues.map(\.modulus)
    for radius in [0.4, 0.6, 0.8] {
      let share = Double(moduli.count { $0 < radius }) / Double(size)
      #expect(abs(share - radius * radius) < 0.08)
    }
    for edge in [0.5, 1, 1.5] {
      // ∫₀ᵃ √(4 − x²) / π dx = (a √(4 − a²) / 2 + 2 arcsin(a / 2)) / π
      let expected = (edge * (4 - edge * edge).squareRoot() / 2 + 2 * asin(edge / 2)) / Double.pi
      let share = Double(step.spectrum.singularValues.count { $0 < edge }) / Double(size)
      #expect(abs(share - expected) < 0.04)
    }
    // The end-to-end Jacobian of one step is the step's.
    #expect(step.endToEndLogSingularValues.map { exp($0) }.isClose(to: step.spectrum.singularValues, 1e-12))
  }

  @Test func spectraAreThoseOfAllSteps() throws {
    let a = Matrix.identity(4) + 0.2 * Matrix(rows: 4, columns: 4, scattered(16))
    let (recording, bindings) = try LinearCell.recording(a, length: 9, samples: 2)
    let all = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    let (spectra, ends) = (try all.spectra(sample: 1), try all.endToEndLogSingularValues(sample: 1))
    let measured = try Diagnostics.jacobianSpectra(of: Trial(recording, bindings), steps: 4, sample: 1)
    #expect(measured.steps.map(\.step) == [1, 3, 6, 9] && measured.dimension == 4 && measured.states == ["h"])
    for step in measured.steps {
      #expect(step.spectrum == spectra[step.step - 1])
      #expect(step.endToEndLogSingularValues.distance(to: ends[step.step - 1]) < 1e-12)
    }
    #expect { try Diagnostics.jacobianSpectra(of: Trial(recording, bindings), steps: 0) } throws: {
      "\($0)".contains("1 step or more")
    }
    #expect { try Diagnostics.jacobianSpectra(of: Trial(recording, bindings), sample: 2) } throws: {
      "\($0)".contains("0 ..< 2")
    }
  }
}
