import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct ExponentialTests {
  /// e^(tJ) of a rotation, and of a nilpotent matrix, at every order of the approximant and with squarings.
  @Test(arguments: [0.01, 0.2, 0.9, 2, 5, 30])
  func closedForms(t: Double) throws {
    let turn = try Matrix([[0, -t], [t, 0]]).exponential()
    for (found, expected) in zip(turn.elements, [cos(t), -sin(t), sin(t), cos(t)]) {
      #expect(abs(found - expected) < 1e-14 * max(1, t))
    }
    let shift = try Matrix([[0, t, 0], [0, 0, t], [0, 0, 0]]).exponential()
    for (found, expected) in zip(shift.elements, [1, t, t * t / 2, 0, 1, t, 0, 0, 1]) {
      #expect(abs(found - expected) < 1e-13 * max(1, t * t))
    }
    let diagonal = try Matrix(diagonal: [-t, t / 2]).exponential()
    #expect(abs(diagonal[0, 0] / exp(-t) - 1) < 1e-12 && abs(diagonal[1, 1] / exp(t / 2) - 1) < 1e-13)
  }

  @Test func theProductWithTheInverseIsTheIdentity() throws {
    var numbers = RandomNumbers(3)
    let a = numbers.matrix(9, 9)
    let product = try a.exponential() * (-1 * a).exponential()
    #expect((product - .identity(9)).maximumNorm < 1e-10)
  }

  @Test func theEndsOfTheRange() throws {
    #expect(try Matrix(rows: 0, columns: 0).exponential().elements == [])
    #expect(try Matrix(rows: 2, columns: 2).exponential() == .identity(2))
    #expect(try Matrix([[-1e308]]).exponential()[0, 0] == 0)
    #expect(try !Matrix([[1e308, 1e308], [1e308, 1e308]]).exponential()[0, 0].isFinite)
    #expect(throws: LinearAlgebraError.notSquare(rows: 1, columns: 2)) { try Matrix([[1, 2]]).exponential() }
    #expect(throws: LinearAlgebraError.notFinite(row: 0, column: 0)) { try Matrix([[.nan]]).exponential() }
  }

  @Test func solutionsForManyRightSides() throws {
    var numbers = RandomNumbers(7)
    let (a, x) = (numbers.matrix(6, 6), numbers.matrix(6, 3))
    #expect((try LUFactorization(a).solution(of: a * x) - x).maximumNorm < 1e-11)
  }

  @Test(arguments: [(3, 3), (5, 2)]) func qWithAPositiveDiagonal(rows: Int, columns: Int) throws {
    var numbers = RandomNumbers(9)
    let a = numbers.matrix(rows, columns)
    let q = try QRFactorization(a).positiveQ
    let r = q.transposed * a
    #expect(r.diagonal.allSatisfy { $0 > 0 })
    #expect((q * r - a).maximumNorm < 1e-13 && (q.transposed * q - .identity(columns)).maximumNorm < 1e-14)
  }
}
