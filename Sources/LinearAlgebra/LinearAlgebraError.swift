/// Why a matrix has no such factorisation, or none that could be computed.
public enum LinearAlgebraError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An entry is infinite or NaN.
  case notFinite(row: Int, column: Int)
  /// The operation is defined for square matrices.
  case notSquare(rows: Int, columns: Int)
  /// A system of equations without a unique solution.
  case singular
  /// An iteration reached its limit.
  case didNotConverge(algorithm: String, iterations: Int)

  public var description: String {
    switch self {
    case .notFinite(let row, let column): "the entry in row \(row), column \(column) is not a finite number"
    case .notSquare(let rows, let columns): "the matrix must be square, and is \(rows) × \(columns)"
    case .singular: "the matrix is singular: the equations have no unique solution"
    case .didNotConverge(let algorithm, let iterations):
      "\(algorithm) did not converge in \(iterations) iterations"
    }
  }
}

extension Matrix {
  /// Throws the place of the first entry that is infinite or NaN.
  func requireFinite() throws(LinearAlgebraError) {
    guard let index = elements.firstIndex(where: { !$0.isFinite }) else { return }
    throw .notFinite(row: index / columns, column: index % columns)
  }

  func requireSquare() throws(LinearAlgebraError) {
    guard rows == columns else { throw .notSquare(rows: rows, columns: columns) }
  }
}
