import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct SingularValueTests {
  @Test(arguments: Sample.square + Sample.rectangular)
  func factorsMultiplyToTheMatrix(sample: Sample) throws {
    let a = sample.matrix
    let factors = try SingularValueDecomposition(a)
    let values = factors.singularValues
    #expect(values.count == min(a.rows, a.columns))
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 } && values.allSatisfy { $0 >= 0 })
    let scaled = Matrix(rows: a.rows, columns: values.count) { factors.leftVectors[$0, $1] * values[$1] }
    #expect(discrepancy(scaled * factors.rightVectors.transposed, from: a) <= bound(a))
    #expect(orthogonalityDefect(factors.leftVectors) <= 1e-14 * Double(values.count + 1))
    #expect(orthogonalityDefect(factors.rightVectors) <= 1e-14 * Double(values.count + 1))
    let alone = try a.singularValues()
    #expect(zip(values, alone).allSatisfy { abs($0 - $1) <= 1e-14 * values[0] })
  }

  @Test func hilbertMatricesHaveTheirKnownValues() throws {
    // The extreme eigenvalues of the Hilbert matrix of order 10, which is positive definite.
    let values = try Sample.hilbert(10).singularValues()
    #expect(abs(values[0] - 1.751919670265178) < 1e-14)
    #expect(abs(values[9] - 1.0931538193796657e-13) < 1e-16)
    // det H₃ = 1 / 2160, tr H₃ = 1 + 1/3 + 1/5, det H₄ = 1 / 6048000.
    let three = try Sample.hilbert(3).singularValues()
    #expect(abs(three.reduce(1, *) * 2160 - 1) < 1e-13)
    let trace: Double = 23 / 15
    #expect(abs(three.reduce(0, +) - trace) < 1e-15)
    let four = try Sample.hilbert(4).singularValues()
    #expect(abs(four.reduce(1, *) * 6_048_000 - 1) < 1e-11)
  }

  @Test func bidiagonalMatricesOfOnesHaveCosines() throws {
    // Ones on the diagonal and above it: σₖ = 2 cos(k π / (2n + 1)).
    let size = 20
    let values = try Sample.jordan(size, 1).singularValues()
    for (index, value) in values.enumerated() {
      #expect(abs(value - 2 * cos(Double(index + 1) * .pi / Double(2 * size + 1))) < 1e-14)
    }
  }

  @Test(arguments: [4, 17, 24])
  func prescribedValuesAreFound(size: Int) throws {
    var numbers = RandomNumbers(UInt64(size))
    let expected = (0..<size).map { pow(10, -12 * Double($0) / Double(size)) }
    let a = numbers.orthogonal(size) * Matrix(diagonal: expected) * numbers.orthogonal(size).transposed
    let values = try a.singularValues()
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-14 })
  }

  @Test(arguments: [false, true])
  func gradedMatricesKeepAllDigits(transposes: Bool) throws {
    // B D with D = diag(2⁻²⁰ᵏ): Π σᵢ = |det B| Π dᵢ, and σₙ = 1 / ‖D⁻¹ B⁻¹‖, to all digits, though σₙ / σ₁ ≈ 10⁻⁴⁸.
    var numbers = RandomNumbers(12)
    let size = 9
    let b = numbers.matrix(size, size)
    let graded = Matrix(rows: size, columns: size) { b[$0, $1].significandScaled(by: -20 * $1) }
    let values = try (transposes ? graded.transposed : graded).singularValues()
    let factors = try LUFactorization(b)
    let expected = factors.logAbsoluteDeterminant - 20 * log(2) * Double(size * (size - 1) / 2)
    #expect(abs(values.reduce(0) { $0 + log($1) } - expected) < 1e-12)
    let inverseRows = try (0..<size).map { column in
      try factors.solution(of: (0..<size).map { $0 == column ? 1 : 0 })
    }
    let inverse = Matrix(rows: size, columns: size) { inverseRows[$1][$0].significandScaled(by: 20 * $0) }
    let smallest = try 1 / inverse.spectralNorm()
    #expect(abs(values[size - 1] / smallest - 1) < 1e-12)
  }

  @Test func valuesFarApartAreExact() throws {
    #expect(try Matrix(diagonal: [1e-100, -3, 0, 1e-20]).singularValues() == [3, 1e-20, 1e-100, 0])
    #expect(try Matrix([[1e-308, 0], [0, 1e308]]).singularValues() == [1e308, 0])
  }
}

extension Double {
  /// 2ᵉ x.
  func significandScaled(by exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: self) }
}
