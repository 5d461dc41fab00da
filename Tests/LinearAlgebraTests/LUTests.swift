import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct LUTests {
  @Test func determinantsOfHilbertMatrices() throws {
    for (size, inverse) in [(2, 12.0), (3, 2160), (4, 6_048_000), (5, 266_716_800_000)] {
      let factors = try LUFactorization(Sample.hilbert(size))
      #expect(abs(factors.logAbsoluteDeterminant + log(inverse)) < 1e-11)
      #expect(factors.determinantSign == 1)
    }
  }

  @Test func determinantsOfPermutationsAreSigns() throws {
    for size in 1..<8 {
      let cycle = Matrix(rows: size, columns: size) { ($0 + 1) % size == $1 ? 1 : 0 }
      let factors = try LUFactorization(cycle)
      #expect(factors.logAbsoluteDeterminant == 0)
      #expect(factors.determinantSign == (size % 2 == 0 ? -1 : 1))
    }
  }

  @Test func determinantsBeyondTheRangeOfNumbersHaveLogarithms() throws {
    let huge = try LUFactorization(Matrix(diagonal: [Double](repeating: -1e300, count: 9)))
    #expect(abs(huge.logAbsoluteDeterminant - 2700 * log(10)) < 1e-10 && huge.determinantSign == -1)
    let tiny = try LUFactorization(Matrix(diagonal: [Double](repeating: 1e-300, count: 9)))
    #expect(abs(tiny.logAbsoluteDeterminant + 2700 * log(10)) < 1e-10 && tiny.determinantSign == 1)
    #expect(try LUFactorization(Matrix(rows: 0, columns: 0)).logAbsoluteDeterminant == 0)
  }

  @Test func singularMatricesAreSaidToBe() throws {
    let factors = try LUFactorization(Matrix([[1, 2], [2, 4]]))
    #expect(factors.logAbsoluteDeterminant == -.infinity)
    #expect(factors.determinantSign == 0)
    #expect(throws: LinearAlgebraError.singular) { try factors.solution(of: [1, 1]) }
  }

  @Test(arguments: [1.0, 1e300, 1e-300])
  func solutionsSolve(scale: Double) throws {
    var numbers = RandomNumbers(41)
    let a = scale * numbers.matrix(14, 14)
    let x = (0..<14).map { _ in numbers.normal() }
    let solution = try LUFactorization(a).solution(of: a * x)
    #expect(zip(x, solution).allSatisfy { abs($0 - $1) < 1e-11 })
  }

  @Test func smallPivotsAreExchanged() throws {
    let factors = try LUFactorization(Matrix([[1e-20, 1], [1, 1]]))
    #expect(try factors.solution(of: [1, 2]) == [1, 1])
    #expect(factors.determinantSign == -1)
  }
}
