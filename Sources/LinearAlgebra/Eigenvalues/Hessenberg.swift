internal import EbbTensors

/// Qᵀ A Q with zeros below the first subdiagonal, by reflections (Golub & Van Loan, algorithm 7.4.2). Q is not kept.
struct Hessenberg {
  private(set) var matrix: Matrix

  init(_ matrix: Matrix) {
    self.matrix = matrix
    for step in 0..<max(0, matrix.rows - 2) { eliminate(step) }
  }

  /// The reflection of `Householder` for column `step` below the diagonal, from both sides.
  private mutating func eliminate(_ step: Int) {
    let size = matrix.rows
    let head = step + 1
    let norm = euclideanNorm((head..<size).map { matrix[$0, step] })
    guard (head + 1..<size).contains(where: { matrix[$0, step] != 0 }) else { return }
    let x = matrix[head, step]
    let target = x > 0 ? -norm : norm
    let factor = (target - x) / target
    var reflector = [Double](repeating: 0, count: size)
    reflector[head] = 1
    for row in head + 1..<size { reflector[row] = matrix[row, step] / (x - target) }

    // A ← A − τ v (vᵀ A)
    var sums = [Double](repeating: 0, count: size)
    for row in head..<size {
      let weight = reflector[row]
      for column in step..<size { sums[column] += weight * matrix[row, column] }
    }
    for row in head..<size {
      let weight = factor * reflector[row]
      for column in step..<size { matrix[row, column] -= weight * sums[column] }
    }
    matrix[head, step] = target
    for row in head + 1..<size { matrix[row, step] = 0 }

    // A ← A − τ (A v) vᵀ
    for row in 0..<size {
      var sum = 0.0
      for column in head..<size { sum += matrix[row, column] * reflector[column] }
      let weight = factor * sum
      for column in head..<size { matrix[row, column] -= weight * reflector[column] }
    }
  }
}
