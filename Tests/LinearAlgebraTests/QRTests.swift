import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct QRTests {
  @Test(arguments: Sample.square + Sample.rectangular, [false, true])
  func factorsMultiplyToTheMatrix(sample: Sample, pivots: Bool) throws {
    let a = sample.matrix
    let factors = try QRFactorization(a, pivots: pivots)
    let permuted = Matrix(rows: a.rows, columns: a.columns) { a[$0, factors.columnOrder[$1]] }
    #expect(discrepancy(factors.q * factors.r, from: permuted) <= bound(a))
    #expect(orthogonalityDefect(factors.q) <= 1e-14 * Double(a.rows + 1))
    #expect(orthogonalityDefect(factors.fullQ) <= 1e-14 * Double(a.rows + 1))
    #expect(factors.q == factors.fullQ.columns(0..<min(a.rows, a.columns)))
    let r = factors.r
    for row in 0..<r.rows {
      for column in 0..<min(row, r.columns) { #expect(r[row, column] == 0) }
    }
    if pivots {
      let magnitudes = r.diagonal.map { abs($0) }
      #expect(zip(magnitudes, magnitudes.dropFirst()).allSatisfy { $0 * (1 + 1e-12) >= $1 })
    } else {
      #expect(factors.columnOrder == Array(0..<a.columns))
    }
  }

  @Test func transposedProductNeedsNoQ() throws {
    var numbers = RandomNumbers(2)
    let factors = try QRFactorization(numbers.matrix(11, 6))
    let b = numbers.matrix(11, 3)
    #expect((factors.transposedProduct(b) - factors.fullQ.transposed * b).maximumNorm < 1e-14 * 11)
  }

  @Test func diagonalShowsTheRank() throws {
    var numbers = RandomNumbers(4)
    let low = numbers.matrix(12, 4) * numbers.matrix(4, 9)
    let magnitudes = try QRFactorization(low, pivots: true).r.diagonal.map { abs($0) }
    #expect(magnitudes[3] > 0.1)
    #expect(magnitudes[4] < 1e-13)
  }

  @Test func randomOrthonormalColumnsHaveNoPreferredDirection() {
    var numbers = RandomNumbers(6)
    let q = Matrix.orthonormal(rows: 5, columns: 3) { numbers.normal() }
    #expect(orthogonalityDefect(q) < 1e-14)
    // The mean of q₁₁ over the orthogonal group is 0, that of its square 1 / n.
    let heads = (0..<2000).map { _ in Matrix.orthonormal(rows: 4, columns: 2) { numbers.normal() }[0, 0] }
    #expect(abs(heads.reduce(0, +) / 2000) < 0.04)
    #expect(abs(heads.reduce(0) { $0 + $1 * $1 } / 2000 - 0.25) < 0.03)
  }

  @Test func frameGrowsByTheDiagonalOfR() throws {
    var numbers = RandomNumbers(9)
    var frame = OrthonormalFrame(.identity(6))
    var product = Matrix.identity(6)
    var growth = [Double](repeating: 0, count: 6)
    for _ in 0..<5 {
      let step = numbers.matrix(6, 6)
      for (index, value) in try frame.advance(byTransposed: step.transposed).enumerated() { growth[index] += value }
      product = step * product
    }
    // The product of the Rₜ is the R of the product.
    let r = try QRFactorization(product).r
    for index in 0..<6 { #expect(abs(growth[index] - log(abs(r[index, index]))) < 1e-12) }
    #expect(orthogonalityDefect(frame.columns) < 1e-14)
  }

  @Test func frameKeepsWhatAProductWouldLose() throws {
    var frame = OrthonormalFrame(.identity(3))
    let step = Matrix(diagonal: [1e200, 1, 1e-200])
    for _ in 0..<20 {
      let growth = try frame.advance(byTransposed: step)
      #expect(zip(growth, [200 * log(10), 0, -200 * log(10)]).allSatisfy { abs($0 - $1) < 1e-12 * 500 })
    }
    #expect(try frame.advance(byTransposed: Matrix(rows: 3, columns: 3)) == [-.infinity, -.infinity, -.infinity])
    #expect(orthogonalityDefect(frame.columns) == 0)
  }
}
