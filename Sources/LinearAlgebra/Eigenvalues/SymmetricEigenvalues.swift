/// A = V Λ Vᵀ of a symmetric matrix, with an orthogonal V.
///
/// Jacobi's rotations (1846) by rows, as in Golub & Van Loan, section 8.5. For a positive definite matrix they find
/// small eigenvalues with the relative accuracy that its scaling allows; a reduction to tridiagonal form does not
/// (Demmel & Veselić 1992).
public struct SymmetricEigenvalues: Sendable {
  /// λ₁ ≥ λ₂ ≥ …
  public let values: [Double]
  /// V: each column is the unit eigenvector of the corresponding eigenvalue.
  public let vectors: Matrix

  /// - Parameter matrix: Only entries on and above the diagonal are read; the rest is assumed symmetric.
  /// - Throws: `LinearAlgebraError.notSquare`, `.notFinite` or `.didNotConverge`.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    try matrix.requireSquare()
    try matrix.requireFinite()
    let (scaled, exponent) = matrix.scaledToSafeRange(limit: 900)
    var jacobi = SymmetricJacobi(scaled)
    try jacobi.run()
    let diagonal = (0..<matrix.rows).map { jacobi.entries[$0, $0] }
    let order = diagonal.indices.sorted { diagonal[$0] > diagonal[$1] || diagonal[$0] == diagonal[$1] && $0 < $1 }
    values = order.map { diagonal[$0].scaled(byPowerOfTwo: exponent) }
    vectors = Matrix(rows: matrix.rows, columns: matrix.rows) { jacobi.vectors[$0, order[$1]] }
  }
}

/// Rotations A ← Gᵀ A G, each of which zeroes one pair of entries, until A is diagonal.
private struct SymmetricJacobi {
  let size: Int
  /// A, whose columns are also its rows.
  private(set) var entries: ColumnStore
  /// V.
  private(set) var vectors: ColumnStore

  private static let limit = 60

  init(_ matrix: Matrix) {
    size = matrix.rows
    entries = ColumnStore(Matrix(rows: size, columns: size) { matrix[min($0, $1), max($0, $1)] })
    vectors = ColumnStore(identity: size, count: size)
  }

  mutating func run() throws(LinearAlgebraError) {
    for _ in 0..<Self.limit where !sweep() { return }
    throw .didNotConverge(algorithm: "Jacobi", iterations: Self.limit)
  }

  /// One pass over all pairs; returns whether any was rotated.
  private mutating func sweep() -> Bool {
    var rotated = false
    for first in 0..<size {
      for second in first + 1..<max(size, first + 1) {
        let entry = entries[first, second]
        let (p, q) = (entries[first, first], entries[second, second])
        guard abs(entry) > 0x1p-54 * abs(p).squareRoot() * abs(q).squareRoot() else { continue }
        rotated = true
        rotate(first, second, entry)
      }
    }
    return rotated
  }

  /// θ = (a_qq − a_pp) / 2 a_pq,  t = sign(θ) / (|θ| + √(1 + θ²)):  a_pp −= t a_pq,  a_qq += t a_pq,  a_pq = 0
  private mutating func rotate(_ first: Int, _ second: Int, _ entry: Double) {
    let (p, q) = (entries[first, first], entries[second, second])
    let theta = (q - p) / (2 * entry)
    let root = abs(theta) > 0x1p500 ? abs(theta) : (1 + theta * theta).squareRoot()
    let tangent = (theta < 0 ? -1 : 1) / (abs(theta) + root)
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = cosine * tangent
    entries.rotate(first, second, cosine: cosine, sine: sine)
    (entries[first, first], entries[second, second]) = (p - tangent * entry, q + tangent * entry)
    (entries[first, second], entries[second, first]) = (0, 0)
    for other in 0..<size where other != first && other != second {
      entries[first, other] = entries[other, first]
      entries[second, other] = entries[other, second]
    }
    vectors.rotate(first, second, cosine: cosine, sine: sine)
  }
}
