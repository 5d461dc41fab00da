internal import Foundation

/// P A = L U by elimination with row exchanges: determinants, and solutions of equations.
public struct LUFactorization: Sendable {
  /// U of 2⁻ᵉ A, row by row, with zeros below the diagonal.
  private var upper: ColumnStore
  /// L below its diagonal of ones.
  private var lower: Matrix
  private let exponent: Int
  private var order: [Int]
  private var exchanges = 0

  /// - Throws: `LinearAlgebraError.notSquare` or `.notFinite`; a singular matrix has factors too.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    try matrix.requireSquare()
    try matrix.requireFinite()
    let (scaled, exponent) = matrix.scaledToSafeRange(limit: 900)
    self.exponent = exponent
    upper = ColumnStore(rowsOf: scaled)
    lower = Matrix(rows: matrix.rows, columns: matrix.rows)
    order = Array(0..<matrix.rows)
    for step in 0..<matrix.rows { eliminate(step) }
  }

  private mutating func eliminate(_ step: Int) {
    let size = upper.count
    var pivot = step
    for row in step..<size where abs(upper[step, row]) > abs(upper[step, pivot]) { pivot = row }
    let value = upper[step, pivot]
    guard value != 0 else { return }
    if pivot != step {
      upper.swapColumns(step, pivot)
      for column in 0..<step {
        (lower[step, column], lower[pivot, column]) = (lower[pivot, column], lower[step, column])
      }
      order.swapAt(step, pivot)
      exchanges += 1
    }
    for row in step + 1..<max(size, step + 1) where upper[step, row] != 0 {
      let weight = upper[step, row] / value
      lower[row, step] = weight
      upper.addColumn(step, times: -weight, to: row, from: step)
      upper[step, row] = 0
    }
  }

  private var pivots: [Double] { (0..<upper.count).map { upper[$0, $0] } }

  /// ln |det A|: −∞ for a singular matrix, 0 for a matrix without rows.
  public var logAbsoluteDeterminant: Double {
    pivots.reduce(0) { $0 + log(abs($1)) } + Double(exponent * upper.count) * log(2)
  }

  /// The sign of det A: −1, 0 or 1.
  public var determinantSign: Int {
    pivots.reduce(exchanges % 2 == 0 ? 1 : -1) { $1 == 0 ? 0 : $1 < 0 ? -$0 : $0 }
  }

  /// x with A x = b.
  ///
  /// - Throws: `LinearAlgebraError.singular` if a pivot is exactly 0.
  public func solution(of right: [Double]) throws(LinearAlgebraError) -> [Double] {
    precondition(right.count == upper.count, "\(upper.count) equations with \(right.count) right sides")
    guard !pivots.contains(0) else { throw .singular }
    var x = order.map { right[$0] }
    for row in x.indices {
      for column in 0..<row { x[row] -= lower[row, column] * x[column] }
    }
    for row in x.indices.reversed() {
      for column in row + 1..<max(x.count, row + 1) { x[row] -= upper[column, row] * x[column] }
      x[row] /= upper[row, row]
    }
    return x.map { $0.scaled(byPowerOfTwo: -exponent) }
  }

  /// X with A X = B.
  ///
  /// - Throws: `LinearAlgebraError.singular` if a pivot is exactly 0.
  public func solution(of right: Matrix) throws(LinearAlgebraError) -> Matrix {
    precondition(right.rows == upper.count, "\(upper.count) equations with right sides of \(right.rows)")
    guard !pivots.contains(0) else { throw .singular }
    // Row by row of X, for all right sides at once; each number goes through the steps that it goes through alone.
    var x = ColumnStore(rowsOf: Matrix(rows: right.rows, columns: right.columns) { right[order[$0], $1] })
    for row in 0..<x.count {
      for earlier in 0..<row { x.addColumn(earlier, times: -lower[row, earlier], to: row, from: 0) }
    }
    for row in (0..<x.count).reversed() {
      for later in row + 1..<max(x.count, row + 1) { x.addColumn(later, times: -upper[later, row], to: row, from: 0) }
      x.divideColumn(row, by: upper[row, row])
    }
    return x.matrix.transposed.scaled(byPowerOfTwo: -exponent)
  }
}
