/// The factorisation of a matrix by reflections Hₖ = I − τₖ vₖ vₖᵀ: Hₚ ⋯ H₂ H₁ A = R (Householder 1958; Golub & Van
/// Loan, *Matrix Computations*, 4th ed., algorithms 5.1.1 and 5.2.1).
struct Householder {
  /// Column k is vₖ: zeros above row k, where it is 1.
  private(set) var reflectors: ColumnStore
  private(set) var factors: [Double] = []
  /// R: only entries on and above the diagonal count.
  private(set) var upper: ColumnStore
  /// With pivoting, the column of A for each column of R.
  private(set) var order: [Int]

  /// - Parameter pivots: Whether each step takes the remaining column with the largest norm, so that |rₖₖ| decreases.
  init(_ columns: ColumnStore, pivots: Bool = false) {
    upper = columns
    order = Array(0..<columns.count)
    let steps = min(columns.rows, columns.count)
    reflectors = ColumnStore(rows: columns.rows, count: steps)
    for step in 0..<steps {
      if pivots { bringLargestColumn(to: step) }
      eliminate(step)
      for column in step + 1..<max(columns.count, step + 1) where factors[step] != 0 {
        upper.reflect(column, by: reflectors, step, factor: factors[step], from: step)
      }
    }
  }

  private mutating func bringLargestColumn(to step: Int) {
    var largest = (norm: upper.norm(step, from: step), column: step)
    for column in step + 1..<max(upper.count, step + 1) {
      let norm = upper.norm(column, from: step)
      if norm > largest.norm { largest = (norm, column) }
    }
    upper.swapColumns(step, largest.column)
    order.swapAt(step, largest.column)
  }

  /// The reflection that maps x, column k from row k, to a multiple of e₁:
  ///
  ///     β = −sign(x₁) ‖x‖    v = (x − β e₁) / (x₁ − β)    τ = (β − x₁) / β
  ///
  /// The sign avoids cancellation in x₁ − β.
  private mutating func eliminate(_ step: Int) {
    let head = upper[step, step]
    let norm = upper.norm(step, from: step)
    reflectors[step, step] = 1
    guard norm > 0, step + 1 < upper.rows else {
      factors.append(0)
      return
    }
    let target = head > 0 ? -norm : norm
    for row in step + 1..<max(upper.rows, step + 1) {
      reflectors[row, step] = upper[row, step] / (head - target)
      upper[row, step] = 0
    }
    factors.append((target - head) / target)
    upper[step, step] = target
  }

  /// The first `count` columns of Q = H₁ H₂ ⋯ Hₚ, which are orthonormal.
  func orthonormalColumns(_ count: Int) -> ColumnStore {
    var result = ColumnStore(identity: upper.rows, count: count)
    for step in factors.indices.reversed() where factors[step] != 0 {
      // Columns before this step are still those of the identity, which the reflection does not change.
      for column in min(step, count)..<count {
        result.reflect(column, by: reflectors, step, factor: factors[step], from: step)
      }
    }
    return result
  }

  /// The first `count` columns of Q, at most as many as R has rows, with the signs that make R's diagonal positive.
  func positiveColumns(_ count: Int) -> ColumnStore {
    var result = orthonormalColumns(count)
    for column in 0..<count where upper[column, column] < 0 { result.scaleColumn(column, by: -1) }
    return result
  }

  /// Qᵀ B.
  func transposedProduct(_ columns: ColumnStore) -> ColumnStore {
    var result = columns
    for step in factors.indices where factors[step] != 0 {
      for column in 0..<columns.count {
        result.reflect(column, by: reflectors, step, factor: factors[step], from: step)
      }
    }
    return result
  }

  /// Q B, for B with at most as many rows as Q.
  func product(_ matrix: Matrix) -> ColumnStore {
    var result = ColumnStore(
      Matrix(rows: upper.rows, columns: matrix.columns) { $0 < matrix.rows ? matrix[$0, $1] : 0 })
    for step in factors.indices.reversed() where factors[step] != 0 {
      for column in 0..<result.count {
        result.reflect(column, by: reflectors, step, factor: factors[step], from: step)
      }
    }
    return result
  }

  /// R: min(rows, columns) rows, zeros below the diagonal.
  var triangle: Matrix {
    Matrix(rows: factors.count, columns: upper.count) { $0 <= $1 ? upper[$0, $1] : 0 }
  }
}
