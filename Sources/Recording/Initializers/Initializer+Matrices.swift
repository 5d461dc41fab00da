internal import EbbTensors
internal import Foundation

// Matrices of random numbers with a property: row-major arrays of doubles.

/// A row-major matrix, orthonormal along its shorter side and uniformly distributed (Haar).
///
/// The Gram–Schmidt process on vectors of independent normal numbers. The diagonal of the triangular factor is
/// positive, which makes the orthogonal factor uniform (Mezzadri, Notices of the AMS 54, 2007). Each vector is
/// projected twice, so that the result is orthogonal to the last bits for any draw (Giraud, Langou & Rozložník 2005).
func orthogonalMatrix(_ rows: Int, _ columns: Int, _ normal: () -> Double) -> [Double] {
  let (count, length) = (min(rows, columns), max(rows, columns))
  // Eight numbers at a time; the padding zeros add nothing to a scalar product.
  let chunks = (length + 7) / 8
  var vectors: [[SIMD8<Double>]] = []
  for _ in 0..<count {
    var vector = [SIMD8<Double>](repeating: .zero, count: chunks)
    for index in 0..<length { vector[index / 8][index % 8] = normal() }
    // v ← v − Σⱼ (qⱼ · v) qⱼ, twice; then v / ‖v‖
    for _ in 0..<2 {
      for other in vectors {
        let projection = dot(other, vector)
        for chunk in 0..<chunks { vector[chunk] -= projection * other[chunk] }
      }
    }
    let norm = dot(vector, vector).squareRoot()
    vectors.append(vector.map { $0 / norm })
  }
  return (0..<rows * columns).map { position in
    let (row, column) = (position / columns, position % columns)
    let (vector, index) = rows <= columns ? (row, column) : (column, row)
    return vectors[vector][index / 8][index % 8]
  }
}

private func dot(_ left: [SIMD8<Double>], _ right: [SIMD8<Double>]) -> Double {
  var sum = SIMD8<Double>.zero
  for chunk in left.indices { sum += left[chunk] * right[chunk] }
  return sum.sum()
}

/// A row-major matrix with `connections` normal numbers at random rows of each column and zeros elsewhere.
func sparseMatrix(
  _ rows: Int, _ columns: Int, _ connections: Int, _ draw: (Distribution) -> Double
) -> [Double] {
  var values = [Double](repeating: 0, count: rows * columns)
  for column in 0..<columns {
    // The first steps of the Fisher–Yates shuffle: the rows drawn so far come first.
    var order = Array(0..<rows)
    for position in 0..<connections {
      let chosen = position + Int(draw(.uniform) * Double(rows - position))
      order.swapAt(position, chosen)
      values[order[position] * columns + column] = draw(.normal)
    }
  }
  return values
}

/// The largest |λ| of the eigenvalues of a square matrix, row-major: lim ‖Aᵐ‖^(1/m) (Gelfand 1941).
///
/// The matrix is squared 27 times, so m = 2²⁷. Power iteration on a vector stalls if eigenvalues are close in
/// magnitude, as complex pairs always are. Here this does not matter: the result is too large by a factor of at most (n
/// κ)^(1/m) for eigenvectors of condition κ, which is 1 + 10⁻⁷ for n κ of a million. It is never too small except for
/// rounding errors, which shrink with the exponent.
package func spectralRadius(_ values: [Double], _ size: Int) -> Double {
  let squarings = 27
  let chunks = (size + 7) / 8
  var power = (0..<size).map { row in
    var padded = [SIMD8<Double>](repeating: .zero, count: chunks)
    for column in 0..<size { padded[column / 8][column % 8] = values[row * size + column] }
    return padded
  }
  // log ‖Aᵐ‖ / m, accumulated from the norms that are divided out before each squaring
  var logarithm = 0.0
  for squaring in 0...squarings {
    let norm = euclideanNorm(
      squares: power.reduce(0) { $0 + dot($1, $1) },
      of: power.joined().lazy.flatMap { chunk in chunk.indices.lazy.map { chunk[$0] } })
    guard norm > 0 else { return 0 }
    logarithm += log(norm) / exp2(Double(squaring))
    if squaring == squarings { break }
    power = squared(power.map { row in row.map { $0 / norm } })
  }
  return exp(logarithm)
}

/// A · A, by rows: row i of the product is Σⱼ Aᵢⱼ · row j.
private func squared(_ matrix: [[SIMD8<Double>]]) -> [[SIMD8<Double>]] {
  matrix.map { left in
    var sum = [SIMD8<Double>](repeating: .zero, count: left.count)
    for (column, row) in matrix.enumerated() {
      let factor = left[column / 8][column % 8]
      for chunk in sum.indices { sum[chunk] += factor * row[chunk] }
    }
    return sum
  }
}
