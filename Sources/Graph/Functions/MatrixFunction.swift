internal import EbbLinearAlgebra
package import EbbTensors

/// The functions of whole matrices, at each index of the axes.
///
/// A matrix with an infinite or NaN entry, and a singular one of equations to solve, gives NaN in every entry.
public enum MatrixFunction: UInt8, Hashable, Sendable, CaseIterable {
  /// (A, b): x with A x = b for a square A, and a vector b or the columns of a matrix b. By elimination with row
  /// exchanges; NaN if a pivot is exactly 0.
  case solve
  /// e^A = Σ Aᵏ / k! of a square matrix.
  case matrixExponential
  /// Q of A = Q R for a matrix with at least as many rows as columns: orthonormal columns, and with R = QᵀA numbers
  /// from 0 on along the diagonal of R, which makes Q unique for a matrix of full rank.
  case orthonormalFactor

  /// The number of its operands.
  package var arity: Int {
    switch self {
    case .solve: 2
    case .matrixExponential, .orthonormalFactor: 1
    }
  }

  /// About how many multiplications its value takes, for operands of these shapes (Golub & Van Loan 2013):
  ///
  ///     solve n × n, m columns: n³ / 3 + n² m     exponential, n × n: 9 n³     factor of m × n: 2 m n²
  package func multiplications(_ operands: [Shape]) -> Double {
    let rows = Double(operands[0][0])
    let columns = Double(operands[0].count) / rows
    switch self {
    case .solve: return rows * rows * (rows / 3 + Double(operands[1].count) / rows)
    case .matrixExponential: return 9 * rows * rows * rows
    case .orthonormalFactor: return 2 * rows * columns * columns
    }
  }

  /// The value, row-major, for operands with these numbers and numbers of rows.
  package func callAsFunction(_ operands: [(numbers: [Double], rows: Int)]) -> [Double] {
    let matrices = operands.map { Matrix(rows: $0.rows, columns: $0.numbers.count / $0.rows, $0.numbers) }
    do {
      switch self {
      case .solve: return try LUFactorization(matrices[0]).solution(of: matrices[1]).elements
      case .matrixExponential: return try matrices[0].exponential().elements
      case .orthonormalFactor: return try QRFactorization(matrices[0]).positiveQ.elements
      }
    } catch {
      let width = matrices[matrices.count - 1].elements.count
      return [Double](repeating: .nan, count: width)
    }
  }
}
