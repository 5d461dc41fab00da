import EbbLinearAlgebra
import Testing

@Suite struct MatrixTests {
  @Test(arguments: [(1, 1, 1), (3, 8, 5), (9, 17, 4), (16, 3, 1), (2, 0, 3), (0, 4, 2), (8, 8, 8)])
  func productsAreSumsOfProducts(rows: Int, inner: Int, columns: Int) {
    var numbers = RandomNumbers(3)
    let (a, b) = (numbers.matrix(rows, inner), numbers.matrix(inner, columns))
    let expected = Matrix(rows: rows, columns: columns) { row, column in
      (0..<inner).reduce(0.0) { $0 + a[row, $1] * b[$1, column] }
    }
    #expect((a * b - expected).maximumNorm < 1e-14)
    let x = (0..<inner).map { _ in numbers.normal() }
    let image = a * Matrix(rows: inner, columns: 1, x)
    #expect(zip(a * x, image.elements).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test func normsAreThoseOfTheirDefinition() throws {
    let a = Matrix([[1, -2, 3], [-4, 5, -6]])
    #expect(a.maximumNorm == 6)
    #expect(a.oneNorm == 9)
    #expect(a.infinityNorm == 15)
    #expect(a.frobeniusNorm == 91.0.squareRoot())
    #expect((1e300 * a).frobeniusNorm == 1e300 * 91.0.squareRoot())
    #expect((1e-300 * a).frobeniusNorm == 1e-300 * 91.0.squareRoot())
    // A has σ² = (91 ± √8065) / 2, the roots of the characteristic polynomial of A Aᵀ.
    let spectral = try a.spectralNorm()
    #expect(abs(spectral - ((91 + 8065.0.squareRoot()) / 2).squareRoot()) < 1e-14)
    #expect(Matrix(rows: 0, columns: 3).oneNorm == 0)
  }

  @Test func partsAndTransposes() {
    let a = Matrix([[1, 2, 3], [4, 5, 6]])
    #expect(a.transposed == Matrix([[1, 4], [2, 5], [3, 6]]))
    #expect(a.row(1) == [4, 5, 6] && a.column(2) == [3, 6] && a.diagonal == [1, 5])
    #expect(a.columns(1..<3) == Matrix([[2, 3], [5, 6]]))
    #expect(a.scaled(byPowerOfTwo: -1) == Matrix([[0.5, 1, 1.5], [2, 2.5, 3]]))
  }

  @Test func rankCountsWhatRoundingDoesNotExplain() throws {
    var numbers = RandomNumbers(5)
    let low = numbers.matrix(12, 4) * numbers.matrix(4, 9)
    #expect(try low.rank() == 4)
    #expect(try Matrix(rows: 3, columns: 3).rank() == 0)
    #expect(try Matrix(rows: 0, columns: 0).rank() == 0)
    #expect(try Matrix(diagonal: [1, 1e-3, 1e-6]).rank() == 3)
    #expect(try Matrix(diagonal: [1, 1e-3, 1e-6]).rank(tolerance: 1e-4) == 2)
    #expect(try (1e-300 * Matrix.identity(4)).rank() == 4)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func whatIsNoNumberIsNamed(value: Double) {
    var matrix = Matrix.identity(4)
    matrix[2, 1] = value
    let error = LinearAlgebraError.notFinite(row: 2, column: 1)
    #expect(throws: error) { try QRFactorization(matrix) }
    #expect(throws: error) { try SingularValueDecomposition(matrix) }
    #expect(throws: error) { try matrix.singularValues() }
    #expect(throws: error) { try SymmetricEigenvalues(matrix) }
    #expect(throws: error) { try matrix.eigenvalues() }
    #expect(throws: error) { try LUFactorization(matrix) }
    var frame = OrthonormalFrame(.identity(4))
    #expect(throws: error) { try frame.advance(byTransposed: matrix) }
    #expect("\(error)" == "the entry in row 2, column 1 is not a finite number")
  }

  @Test func onlySquareMatricesHaveEigenvaluesAndDeterminants() {
    let matrix = Matrix(rows: 2, columns: 3)
    let error = LinearAlgebraError.notSquare(rows: 2, columns: 3)
    #expect(throws: error) { try matrix.eigenvalues() }
    #expect(throws: error) { try SymmetricEigenvalues(matrix) }
    #expect(throws: error) { try LUFactorization(matrix) }
  }
}
