internal import Foundation

/// Orthonormal directions that are propagated through a product of matrices Jₜ and orthonormalised after each:
///
///     Qₜ Rₜ = Jₜ Qₜ₋₁
///
/// The logarithms of Rₜ's diagonal are the growth of each direction; their means over t are the Lyapunov exponents
/// (Benettin, Galgani, Giorgilli & Strelcyn 1980; Eckmann & Ruelle 1985, section V.B). No product of the Jₜ is formed,
/// so nothing overflows, and shrinking directions are as accurate as growing ones.
package struct OrthonormalFrame: Sendable {
  private var basis: ColumnStore

  /// Starts from these columns, which must be orthonormal.
  package init(_ basis: Matrix) { self.basis = ColumnStore(basis) }

  /// The directions: orthonormal columns.
  package var columns: Matrix { basis.matrix }

  /// Propagates the directions through a square matrix and returns ln |rᵢᵢ| for each; −∞ for a lost direction.
  ///
  /// - Parameter transposed: Jᵀ, row-major: each row is a column of J.
  /// - Throws: `LinearAlgebraError.notFinite`, with the row and column in Jᵀ.
  package mutating func advance(byTransposed transposed: Matrix) throws(LinearAlgebraError) -> [Double] {
    precondition(
      transposed.rows == basis.rows && transposed.columns == basis.rows,
      "directions in \(basis.rows) dimensions are carried by a square matrix of that size")
    try transposed.requireFinite()
    let (scaled, exponent) = transposed.scaledToSafeRange(limit: 900)
    let factors = Householder(ColumnStore(rowsOf: scaled) * basis)
    basis = factors.orthonormalColumns(basis.count)
    return (0..<basis.count).map { log(abs(factors.upper[$0, $0])) + Double(exponent) * log(2) }
  }
}
