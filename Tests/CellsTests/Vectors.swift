import Foundation

// Plain arrays of doubles, which know nothing of graphs: what the recorded cells are compared with.

typealias Vector = [Double]

func + (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 + $1 } }
func - (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 - $1 } }
func * (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 * $1 } }
func / (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 / $1 } }
func * (left: Double, right: Vector) -> Vector { right.map { left * $0 } }
func - (left: Double, right: Vector) -> Vector { right.map { left - $0 } }

func sigmoid(_ x: Vector) -> Vector { x.map { 1 / (1 + exp(-$0)) } }
func tanh(_ x: Vector) -> Vector { x.map { Foundation.tanh($0) } }
func exp(_ x: Vector) -> Vector { x.map { Foundation.exp($0) } }
func relu(_ x: Vector) -> Vector { x.map { max($0, 0) } }
func maximum(_ x: Vector, _ y: Vector) -> Vector { zip(x, y).map { max($0, $1) } }

func dot(_ x: Vector, _ y: Vector) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }

/// A vector times a matrix, row-major: Σᵢ xᵢ Wᵢⱼ.
func matrixProduct(_ x: Vector, _ matrix: Vector) -> Vector {
  let columns = matrix.count / x.count
  return (0..<columns).map { column in
    x.indices.reduce(0) { $0 + x[$1] * matrix[$1 * columns + column] }
  }
}

/// The largest |a − b|; infinite where one of the two is longer, or anything is NaN.
func distance(_ a: Vector, _ b: Vector) -> Double {
  guard a.count == b.count, !a.isEmpty else { return .infinity }
  return zip(a, b).reduce(0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, abs($1.0 - $1.1)) }
}

/// W − Wᵀ, row-major.
func antisymmetric(_ matrix: Vector, _ size: Int) -> Vector {
  (0..<size * size).map { matrix[$0] - matrix[$0 % size * size + $0 / size] }
}

/// A matrix, row-major, times a vector: Σⱼ Wᵢⱼ xⱼ.
func matrixProduct(_ matrix: Vector, times x: Vector) -> Vector {
  (0..<matrix.count / x.count).map { row in dot(Array(matrix[row * x.count..<(row + 1) * x.count]), x) }
}
