internal import Foundation

/// Rotations of pairs of columns until all are orthogonal: X Y → U Σ, where the columns' norms are the singular values.
struct OneSidedJacobi {
  /// Begins as Rᵀ, ends as U Σ.
  private var columns: ColumnStore
  /// The product of the rotations.
  private var rotations: ColumnStore?
  private(set) var norms: [Double]

  /// The maximum number of sweeps. Ten are rarely needed.
  private static let limit = 60

  /// The rows of a square matrix as columns.
  init(rowsOf matrix: Matrix, accumulates: Bool) {
    columns = ColumnStore(rowsOf: matrix)
    rotations = accumulates ? ColumnStore(identity: columns.count, count: columns.count) : nil
    norms = (0..<columns.count).map { [columns] in columns.norm($0) }
    // Squares of such small numbers underflow: the column counts as 0.
    let largest = norms.max() ?? 0
    for column in 0..<columns.count where norms[column] < 0x1p-440 * largest {
      columns.clearColumn(column)
      norms[column] = 0
    }
  }

  mutating func run() throws(LinearAlgebraError) {
    for _ in 0..<Self.limit where !sweep() { return }
    throw .didNotConverge(algorithm: "one-sided Jacobi", iterations: Self.limit)
  }

  /// One pass over all pairs; returns whether any was rotated.
  private mutating func sweep() -> Bool {
    // Two orthogonal vectors of n numbers have a computed cosine of about √n ε.
    let tolerance = Double.ulpOfOne * max(1, Double(columns.rows).squareRoot())
    var rotated = false
    for left in 0..<columns.count {
      for right in left + 1..<max(columns.count, left + 1) where norms[left] > 0 && norms[right] > 0 {
        let dot = columns.dot(left, right)
        guard abs(dot) > tolerance * norms[left] * norms[right] else { continue }
        rotated = true
        rotate(left, right, dot)
      }
    }
    for column in 0..<columns.count { norms[column] = columns.norm(column) }
    return rotated
  }

  /// ζ = (‖y‖² − ‖x‖²) / 2 x·y,  t = sign(ζ) / (|ζ| + √(1 + ζ²)),  c = 1 / √(1 + t²),  s = c t
  ///
  /// makes c x − s y and s x + c y orthogonal by the smaller of the two angles.
  private mutating func rotate(_ left: Int, _ right: Int, _ dot: Double) {
    let (x, y) = (norms[left], norms[right])
    let zeta = (y - x) * (y + x) / (2 * dot)
    let tangent = (zeta < 0 ? -1 : 1) / (abs(zeta) + hypot(1, zeta))
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = cosine * tangent
    columns.rotate(left, right, cosine: cosine, sine: sine)
    rotations?.rotate(left, right, cosine: cosine, sine: sine)
    // ‖x′‖² = ‖x‖² − t x·y,  ‖y′‖² = ‖y‖² + t x·y; exact enough until the sweep ends.
    norms[left] = max(0, x * x - tangent * dot).squareRoot()
    norms[right] = max(0, y * y + tangent * dot).squareRoot()
  }

  /// Singular values, largest first, with the vectors U and Y of X Y = U Σ.
  func sorted() -> (values: [Double], left: Matrix, right: Matrix) {
    guard let rotations else { preconditionFailure("the rotations were not accumulated") }
    let order = norms.indices.sorted { norms[$0] > norms[$1] || norms[$0] == norms[$1] && $0 < $1 }
    let rank = order.prefix { norms[$0] > 0 }.count
    let known = Matrix(rows: columns.rows, columns: rank) { columns[$0, order[$1]] / norms[order[$1]] }
    return (
      order.map { norms[$0] }, Self.completed(known),
      Matrix(rows: columns.count, columns: columns.count) { rotations[$0, order[$1]] }
    )
  }

  /// Orthonormal columns, extended to a square matrix.
  private static func completed(_ known: Matrix) -> Matrix {
    guard known.columns < known.rows else { return known }
    let basis = Householder(ColumnStore(known)).orthonormalColumns(known.rows)
    return Matrix(rows: known.rows, columns: known.rows) {
      $1 < known.columns ? known[$0, $1] : basis[$0, $1]
    }
  }
}
