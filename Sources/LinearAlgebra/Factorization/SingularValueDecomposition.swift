/// A = U Σ Vᵀ with orthonormal columns in U and V and σ₁ ≥ σ₂ ≥ … ≥ 0 on the diagonal of Σ.
///
/// One-sided Jacobi rotations (Hestenes 1958) after a QR factorisation with pivoting, as Drmač & Veselić (2008)
/// precondition it. Bidiagonalisation would be faster, but has an error of ε σ₁ in every singular value. Here each
/// small one has all the digits that the matrix's columns determine (Demmel & Veselić 1992). This matters for Jacobians
/// of gated cells, whose columns differ by orders of magnitude.
public struct SingularValueDecomposition: Sendable {
  /// σ₁ ≥ σ₂ ≥ …, min(rows, columns) of them. Values below 10⁻¹³² σ₁ are 0.
  public let singularValues: [Double]
  /// U, with a column for each singular value.
  public let leftVectors: Matrix
  /// V, with a column for each singular value.
  public let rightVectors: Matrix

  /// - Throws: `LinearAlgebraError.notFinite` or `.didNotConverge`.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    try matrix.requireFinite()
    let (scaled, exponent) = matrix.scaledToSafeRange()
    let isWide = matrix.rows < matrix.columns
    let factors = Householder(ColumnStore(isWide ? scaled.transposed : scaled), pivots: true)
    var jacobi = OneSidedJacobi(rowsOf: factors.triangle, accumulates: true)
    try jacobi.run()
    // Rᵀ = X Σ Yᵀ with A P = Q R:  A = (Q Y) Σ (P X)ᵀ
    let (values, x, y) = jacobi.sorted()
    let longer = factors.product(y).matrix
    var places = [Int](repeating: 0, count: factors.order.count)
    for (place, column) in factors.order.enumerated() { places[column] = place }
    let shorter = Matrix(rows: x.rows, columns: x.columns) { x[places[$0], $1] }
    singularValues = values.map { $0.scaled(byPowerOfTwo: exponent) }
    leftVectors = isWide ? shorter : longer
    rightVectors = isWide ? longer : shorter
  }
}

extension Matrix {
  /// σ₁ ≥ σ₂ ≥ …, min(rows, columns) of them, without the vectors.
  ///
  /// - Throws: `LinearAlgebraError.notFinite` or `.didNotConverge`.
  public func singularValues() throws(LinearAlgebraError) -> [Double] {
    try requireFinite()
    let (scaled, exponent) = scaledToSafeRange()
    let factors = Householder(ColumnStore(rows < columns ? scaled.transposed : scaled), pivots: true)
    var jacobi = OneSidedJacobi(rowsOf: factors.triangle, accumulates: false)
    try jacobi.run()
    return jacobi.norms.sorted(by: >).map { $0.scaled(byPowerOfTwo: exponent) }
  }
}
