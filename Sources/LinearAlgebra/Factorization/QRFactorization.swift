/// A = Q R, with orthonormal columns in Q and zeros below the diagonal of R; with pivoting A P = Q R.
///
/// By Householder's reflections, so that Q is orthogonal to rounding whatever the rank of A.
public struct QRFactorization: Sendable {
  private let householder: Householder
  private let exponent: Int

  /// - Parameter pivots: Whether the columns are taken in the order that makes the magnitudes on R's diagonal decrease,
  ///   which shows the rank.
  /// - Throws: `LinearAlgebraError.notFinite`.
  public init(_ matrix: Matrix, pivots: Bool = false) throws(LinearAlgebraError) {
    try matrix.requireFinite()
    let (scaled, exponent) = matrix.scaledToSafeRange(limit: 900)
    self.exponent = exponent
    householder = Householder(ColumnStore(scaled), pivots: pivots)
  }

  /// R, with min(rows, columns) rows. The signs on its diagonal are what the reflections give.
  public var r: Matrix { householder.triangle.scaled(byPowerOfTwo: exponent) }

  /// Q with min(rows, columns) columns: of a tall matrix an orthonormal basis of its columns' span.
  public var q: Matrix {
    householder.orthonormalColumns(min(householder.upper.rows, householder.upper.count)).matrix
  }

  /// Q as a square orthogonal matrix, of which R takes the first columns.
  public var fullQ: Matrix { householder.orthonormalColumns(householder.upper.rows).matrix }

  /// For each column of R, which column of A it stands for: 0, 1, 2, … without pivoting.
  public var columnOrder: [Int] { householder.order }

  /// Qᵀ B with the square Q, without forming Q.
  public func transposedProduct(_ matrix: Matrix) -> Matrix {
    precondition(matrix.rows == householder.upper.rows, "Qᵀ of \(householder.upper.rows) rows times \(matrix.rows)")
    return householder.transposedProduct(ColumnStore(matrix)).matrix
  }
}

extension Matrix {
  /// A random matrix with orthonormal columns, uniform over all of them: Q of a matrix of normal numbers, each column
  /// with the sign that makes the diagonal of R positive (Mezzadri 2007, section 5).
  ///
  /// - Parameter normal: Gives independent standard normal numbers.
  package static func orthonormal(rows: Int, columns: Int, normal: () -> Double) -> Matrix {
    precondition(columns <= rows, "\(columns) orthonormal columns of \(rows) numbers")
    let factors = Householder(ColumnStore(Matrix(rows: rows, columns: columns) { _, _ in normal() }))
    var q = factors.orthonormalColumns(columns)
    for column in 0..<columns where factors.upper[column, column] < 0 { q.scaleColumn(column, by: -1) }
    return q.matrix
  }
}
