internal import Foundation

/// P A = L U by elimination with row exchanges: determinants, and solutions of equations.
public struct LUFactorization: Sendable {
  /// U on and above the diagonal, L below it, where its diagonal is 1; of 2⁻ᵉ A.
  private var factors: Matrix
  private let exponent: Int
  private var order: [Int]
  private var exchanges = 0

  /// - Throws: `LinearAlgebraError.notSquare` or `.notFinite`; a singular matrix has factors too.
  public init(_ matrix: Matrix) throws(LinearAlgebraError) {
    try matrix.requireSquare()
    try matrix.requireFinite()
    (factors, exponent) = matrix.scaledToSafeRange(limit: 900)
    order = Array(0..<matrix.rows)
    for step in 0..<matrix.rows { eliminate(step) }
  }

  private mutating func eliminate(_ step: Int) {
    let size = factors.rows
    var pivot = step
    for row in step..<size where abs(factors[row, step]) > abs(factors[pivot, step]) { pivot = row }
    guard factors[pivot, step] != 0 else { return }
    if pivot != step {
      for column in 0..<size {
        (factors[step, column], factors[pivot, column]) = (factors[pivot, column], factors[step, column])
      }
      order.swapAt(step, pivot)
      exchanges += 1
    }
    for row in step + 1..<max(size, step + 1) {
      let weight = factors[row, step] / factors[step, step]
      factors[row, step] = weight
      guard weight != 0 else { continue }
      for column in step + 1..<size { factors[row, column] -= weight * factors[step, column] }
    }
  }

  /// ln |det A|: −∞ of a singular matrix, 0 of one without rows.
  public var logAbsoluteDeterminant: Double {
    factors.diagonal.reduce(0) { $0 + log(abs($1)) } + Double(exponent * factors.rows) * log(2)
  }

  /// The sign of det A: −1, 0 or 1.
  public var determinantSign: Int {
    factors.diagonal.reduce(exchanges % 2 == 0 ? 1 : -1) { $1 == 0 ? 0 : $1 < 0 ? -$0 : $0 }
  }

  /// x with A x = b.
  ///
  /// - Throws: `LinearAlgebraError.singular` if a pivot is exactly 0.
  public func solution(of right: [Double]) throws(LinearAlgebraError) -> [Double] {
    precondition(right.count == factors.rows, "\(factors.rows) equations with \(right.count) right sides")
    guard !factors.diagonal.contains(0) else { throw .singular }
    var x = order.map { right[$0] }
    for row in x.indices {
      for column in 0..<row { x[row] -= factors[row, column] * x[column] }
    }
    for row in x.indices.reversed() {
      for column in row + 1..<max(x.count, row + 1) { x[row] -= factors[row, column] * x[column] }
      x[row] /= factors[row, row]
    }
    return x.map { $0.scaled(byPowerOfTwo: -exponent) }
  }
}
