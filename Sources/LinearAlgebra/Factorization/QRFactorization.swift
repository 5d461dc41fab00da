/// A = Q R, with orthonormal columns in Q and zeros below the diagonal of R; with pivoting A P = Q R.
///
/// By Householder reflections, so that Q is orthogonal up to rounding for any rank of A.
public struct QRFactorization: Sendable {
  private let householder: Householder
  private let exponent: Int

  /// - Parameters:
  ///   - matrix: A, finite and of any shape.
  ///   - pivots: Whether to permute the columns so that the magnitudes on R's diagonal decrease, which reveals the
  ///     rank.
  /// - Throws: `LinearAlgebraError.notFinite`.
  public init(_ matrix: Matrix, pivots: Bool = false) throws(LinearAlgebraError) {
    try matrix.requireFinite()
    let (scaled, exponent) = matrix.scaledToSafeRange(limit: 900)
    self.exponent = exponent
    householder = Householder(ColumnStore(scaled), pivots: pivots)
  }

  /// R, with min(rows, columns) rows. The signs on its diagonal result from the reflections.
  public var r: Matrix { householder.triangle.scaled(byPowerOfTwo: exponent) }

  /// Q with min(rows, columns) columns; for a tall matrix an orthonormal basis of its columns' span.
  public var q: Matrix {
    householder.orthonormalColumns(min(householder.upper.rows, householder.upper.count)).matrix
  }

  /// Q with the signs that make the diagonal of QᵀA positive, and so unique for a matrix of full column rank.
  public var positiveQ: Matrix {
    householder.positiveColumns(min(householder.upper.rows, householder.upper.count)).matrix
  }

  /// Q as a square orthogonal matrix; its first columns go with R.
  public var fullQ: Matrix { householder.orthonormalColumns(householder.upper.rows).matrix }

  /// The column of A for each column of R: 0, 1, 2, … without pivoting.
  public var columnOrder: [Int] { householder.order }

  /// Qᵀ B with the square Q, without forming Q.
  public func transposedProduct(_ matrix: Matrix) -> Matrix {
    precondition(matrix.rows == householder.upper.rows, "Qᵀ of \(householder.upper.rows) rows times \(matrix.rows)")
    return householder.transposedProduct(ColumnStore(matrix)).matrix
  }
}

extension Matrix {
  /// A random matrix with orthonormal columns, uniformly distributed: Q of a matrix of normal numbers, with the signs
  /// that make the diagonal of R positive (Mezzadri 2007, section 5).
  ///
  /// - Parameter normal: Returns independent standard normal numbers.
  package static func orthonormal(rows: Int, columns: Int, normal: () -> Double) -> Matrix {
    precondition(columns <= rows, "\(columns) orthonormal columns of \(rows) numbers")
    return Householder(ColumnStore(Matrix(rows: rows, columns: columns) { _, _ in normal() })).positiveColumns(columns)
      .matrix
  }
}
