internal import EbbTensors

extension Matrix {
  /// The eigenvalues of a real matrix, by decreasing modulus; in a complex pair, the one with positive imaginary part
  /// comes first.
  ///
  /// Balancing, reduction to Hessenberg form by reflections, then Francis's iteration with two shifts at a time
  /// (Francis 1961; Golub & Van Loan, section 7.5). The results are the exact eigenvalues of a matrix within rounding
  /// of the balanced one. Their error depends on the matrix: it is no larger than the rounding if the matrix is normal,
  /// but its root ε^(1/k) in a Jordan block of k rows.
  ///
  /// - Throws: `LinearAlgebraError.notSquare`, `.notFinite` or `.didNotConverge`.
  public func eigenvalues() throws(LinearAlgebraError) -> [ComplexNumber] {
    try requireSquare()
    try requireFinite()
    let (scaled, exponent) = scaledToSafeRange()
    var iteration = FrancisIteration(Hessenberg(scaled.balanced()).matrix)
    return try iteration.run()
      .map {
        ComplexNumber($0.real.scaled(byPowerOfTwo: exponent), $0.imaginary.scaled(byPowerOfTwo: exponent))
      }
      .sorted { ($0.modulus, $0.real, $0.imaginary) > ($1.modulus, $1.real, $1.imaginary) }
  }

  /// max |λ|; 0 for a matrix without entries.
  public func spectralRadius() throws(LinearAlgebraError) -> Double { try eigenvalues().first?.modulus ?? 0 }

  /// D⁻¹ A D with powers of two in the diagonal matrix D, which make the norms of row k and column k about equal
  /// (Parlett & Reinsch 1969; with the 2-norm, which James, Langou & Lowery 2014 found better). It is exact and
  /// preserves the eigenvalues.
  func balanced() -> Matrix {
    var result = self
    var changed = true
    while changed {
      changed = false
      for index in 0..<rows {
        let column = euclideanNorm((0..<rows).map { $0 == index ? 0 : result[$0, index] })
        let row = euclideanNorm((0..<rows).map { $0 == index ? 0 : result[index, $0] })
        guard column > 0, row > 0 else { continue }
        // With f = 2^k ≈ √(row / column), f · column ≈ row / f.
        let power = Int(row.exponent - column.exponent) / 2
        let (newColumn, newRow) = (column.scaled(byPowerOfTwo: power), row.scaled(byPowerOfTwo: -power))
        guard newColumn + newRow < 0.95 * (column + row) else { continue }
        changed = true
        for other in 0..<rows where other != index {
          result[other, index] = result[other, index].scaled(byPowerOfTwo: power)
          result[index, other] = result[index, other].scaled(byPowerOfTwo: -power)
        }
      }
    }
    return result
  }
}
