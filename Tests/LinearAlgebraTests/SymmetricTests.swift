import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct SymmetricTests {
  @Test(arguments: Sample.square)
  func vectorsMakeTheMatrixDiagonal(sample: Sample) throws {
    let a = 0.5 * (sample.matrix + sample.matrix.transposed)
    let factors = try SymmetricEigenvalues(a)
    let (values, v) = (factors.values, factors.vectors)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 } && values.count == a.rows)
    let scaled = Matrix(rows: a.rows, columns: a.rows) { v[$0, $1] * values[$1] }
    #expect(discrepancy(scaled * v.transposed, from: a) <= bound(a))
    #expect(orthogonalityDefect(v) <= 1e-14 * Double(a.rows + 1))
  }

  @Test func secondDifferencesHaveCosines() throws {
    // 2 on the diagonal and −1 beside it: λₖ = 2 − 2 cos(k π / (n + 1)), all positive: to relative accuracy.
    let size = 25
    let a = Matrix(rows: size, columns: size) { $0 == $1 ? 2 : abs($0 - $1) == 1 ? -1 : 0 }
    let values = try SymmetricEigenvalues(a).values
    for (index, value) in values.enumerated() {
      let half = sin(Double(size - index) * .pi / Double(2 * (size + 1)))
      #expect(abs(value / (4 * half * half) - 1) < 1e-12)
    }
  }

  @Test func prescribedValuesAreFound() throws {
    var numbers = RandomNumbers(21)
    let expected = [5, 3, 3, 3, 1e-3, 1e-9, 0, 0, -1e-5, -2, -2.0000001, -40]
    let q = numbers.orthogonal(12)
    let values = try SymmetricEigenvalues(q * Matrix(diagonal: expected) * q.transposed).values
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 40 * 1e-14 })
  }

  @Test func scaledMatricesKeepAllDigits() throws {
    // D C D with a correlation matrix C and D = diag(2⁻²⁰ᵏ): the product of the eigenvalues is the determinant.
    var numbers = RandomNumbers(22)
    let b = numbers.matrix(7, 20)
    let c = b * b.transposed
    let scaled = Matrix(rows: 7, columns: 7) { c[$0, $1].significandScaled(by: -20 * ($0 + $1)) }
    let values = try SymmetricEigenvalues(scaled).values
    let expected = try LUFactorization(c).logAbsoluteDeterminant - 2 * 20 * log(2) * 21
    #expect(abs(values.reduce(0) { $0 + log($1) } - expected) < 1e-12)
  }

  @Test func onlyTheUpperTriangleIsRead() throws {
    let a = Matrix([[2, 1], [.leastNonzeroMagnitude, 2]])
    #expect(try SymmetricEigenvalues(a).values == [3, 1])
  }
}
