import EbbLinearAlgebra
import Foundation
import Testing

/// Random numbers that are the same in every run.
struct RandomNumbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let mixed = (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return Double((mixed ^ (mixed >> 32)) >> 11) * 0x1p-53
  }

  mutating func normal() -> Double {
    (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform())
  }

  mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns) { _, _ in normal() }
  }

  mutating func orthogonal(_ size: Int) -> Matrix {
    Matrix.orthonormal(rows: size, columns: size) { normal() }
  }
}

/// Matrices that are hard to take apart, each for a reason of its own.
struct Sample: CustomTestStringConvertible {
  var name: String
  var matrix: Matrix
  var testDescription: String { name }

  static func hilbert(_ size: Int) -> Matrix { Matrix(rows: size, columns: size) { 1 / Double($0 + $1 + 1) } }

  static func jordan(_ size: Int, _ value: Double) -> Matrix {
    Matrix(rows: size, columns: size) { $0 == $1 ? value : $1 == $0 + 1 ? 1 : 0 }
  }

  static let square: [Sample] = {
    var numbers = RandomNumbers(7)
    let random = numbers.matrix(9, 9)
    let low = numbers.matrix(10, 3) * numbers.matrix(3, 10)
    return [
      Sample(name: "empty", matrix: Matrix(rows: 0, columns: 0)),
      Sample(name: "one", matrix: Matrix([[-3]])),
      Sample(name: "zero", matrix: Matrix(rows: 5, columns: 5)),
      Sample(name: "identity", matrix: .identity(8)),
      Sample(name: "random", matrix: random),
      Sample(name: "Hilbert", matrix: hilbert(12)),
      Sample(name: "columns graded", matrix: Matrix(rows: 9, columns: 9) { random[$0, $1] * pow(10, -4 * Double($1)) }),
      Sample(name: "rows graded", matrix: Matrix(rows: 9, columns: 9) { random[$0, $1] * pow(10, -4 * Double($0)) }),
      Sample(
        name: "both graded", matrix: Matrix(rows: 9, columns: 9) { random[$0, $1] * pow(10, -2 * Double($0 + $1)) }),
      Sample(name: "Jordan", matrix: jordan(10, 0.5)),
      Sample(name: "nilpotent", matrix: jordan(10, 0)),
      Sample(name: "nearly Jordan", matrix: jordan(6, 1) + 1e-9 * numbers.matrix(6, 6)),
      Sample(name: "rank 3", matrix: low),
      Sample(name: "tiny", matrix: 1e-300 * random),
      Sample(name: "below normal", matrix: hilbert(5).scaled(byPowerOfTwo: -1045)),
      Sample(name: "huge", matrix: 1e300 * random),
      Sample(name: "cyclic", matrix: Matrix(rows: 7, columns: 7) { ($0 + 1) % 7 == $1 ? 1 : 0 }),
      Sample(name: "far apart", matrix: Matrix(diagonal: [1, 1e-200, 1e150, 0, -1e-300])),
      Sample(name: "orthogonal", matrix: numbers.orthogonal(11)),
    ]
  }()

  static let rectangular: [Sample] = {
    var numbers = RandomNumbers(8)
    let low = numbers.matrix(12, 2) * numbers.matrix(2, 5)
    return [
      Sample(name: "tall", matrix: numbers.matrix(13, 4)), Sample(name: "wide", matrix: numbers.matrix(3, 11)),
      Sample(name: "tall of rank 2", matrix: low), Sample(name: "wide of rank 2", matrix: low.transposed),
      Sample(name: "column", matrix: numbers.matrix(9, 1)), Sample(name: "row", matrix: numbers.matrix(1, 9)),
      Sample(name: "no columns", matrix: Matrix(rows: 4, columns: 0)),
      Sample(name: "no rows", matrix: Matrix(rows: 0, columns: 4)),
    ]
  }()
}

/// ‖A − B‖ / ‖A‖ in the largest entries, 0 if both are 0; of huge and of tiny matrices too.
func discrepancy(_ found: Matrix, from matrix: Matrix) -> Double {
  guard found.rows == matrix.rows, found.columns == matrix.columns else { return .infinity }
  let scale = matrix.maximumNorm
  guard scale > 0 else { return found.maximumNorm }
  return (found - matrix).maximumNorm / scale
}

/// The largest entry of |QᵀQ − I|.
func orthogonalityDefect(_ q: Matrix) -> Double { (q.transposed * q - .identity(q.columns)).maximumNorm }

/// What a backward error may be: 10⁻¹³ for each row or column; of numbers below the normal range their spacing.
func bound(_ matrix: Matrix) -> Double {
  let size = Double(max(matrix.rows, matrix.columns, 1))
  let spacing = matrix.maximumNorm > 0 ? Double.leastNonzeroMagnitude / matrix.maximumNorm : 0
  return size * (1e-13 + 4 * spacing)
}

/// The largest distance between numbers paired one to one, each with the nearest that is left.
func distance(_ found: [ComplexNumber], _ expected: [ComplexNumber]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var left = expected
  var largest = 0.0
  for value in found {
    func away(_ other: ComplexNumber) -> Double {
      ComplexNumber(value.real - other.real, value.imaginary - other.imaginary).modulus
    }
    guard let nearest = left.indices.min(by: { away(left[$0]) < away(left[$1]) }) else { return .infinity }
    largest = max(largest, away(left[nearest]))
    left.remove(at: nearest)
  }
  return largest
}
