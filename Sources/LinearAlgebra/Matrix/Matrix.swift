/// A dense matrix of Float64 numbers, stored row by row.
///
/// ```swift
/// let rotation = Matrix([[0, -1], [1, 0]])
/// try rotation.eigenvalues()       // ±i
/// try rotation.singularValues()    // 1, 1
/// ```
///
/// Matrices may have no rows or no columns. Shapes that do not fit are a programming error and trap; errors that depend
/// on the numbers (a singular system, an infinite entry) throw `LinearAlgebraError`.
public struct Matrix: Hashable, Sendable {
  /// How many rows it has.
  public let rows: Int
  /// How many columns it has.
  public let columns: Int
  /// The entries, row by row.
  public private(set) var elements: [Double]

  /// The matrix of these entries, row-major; traps unless there are rows · columns of them.
  public init(rows: Int, columns: Int, _ elements: [Double]) {
    precondition(rows >= 0 && columns >= 0, "a matrix of \(rows) × \(columns)")
    precondition(elements.count == rows * columns, "\(elements.count) numbers do not fill \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The matrix whose entry in row i and column j is `entry(i, j)`.
  public init(rows: Int, columns: Int, entry: (Int, Int) -> Double) {
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns { elements.append(entry(row, column)) }
    }
    self.init(rows: rows, columns: columns, elements)
  }

  /// The matrix with these rows of equal length.
  public init(_ rows: [[Double]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "the rows of a matrix have one length")
    self.init(rows: rows.count, columns: columns, rows.flatMap { $0 })
  }

  /// Zeros.
  public init(rows: Int, columns: Int) {
    self.init(rows: rows, columns: columns, [Double](repeating: 0, count: rows * columns))
  }

  /// The square matrix with these numbers on its diagonal.
  public init(diagonal: [Double]) {
    self.init(rows: diagonal.count, columns: diagonal.count)
    for (index, value) in diagonal.enumerated() { self[index, index] = value }
  }

  /// The square matrix with ones on its diagonal.
  public static func identity(_ size: Int) -> Matrix {
    Matrix(diagonal: [Double](repeating: 1, count: size))
  }

  /// The entry in a row and a column, both from 0.
  public subscript(row: Int, column: Int) -> Double {
    get {
      precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
      return elements[row * columns + column]
    }
    set {
      precondition(column >= 0 && column < columns, "column \(column) of \(columns)")
      elements[row * columns + column] = newValue
    }
  }

  /// The entries of a row; traps if there is no such row.
  public func row(_ index: Int) -> [Double] { Array(elements[index * columns..<(index + 1) * columns]) }
  /// The entries of a column; traps if there is no such column.
  public func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

  /// The entries on the diagonal.
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }
  /// Whether it has as many rows as columns.
  public var isSquare: Bool { rows == columns }

  /// Aᵀ.
  public var transposed: Matrix { Matrix(rows: columns, columns: rows) { self[$1, $0] } }

  /// Some consecutive columns.
  public func columns(_ range: Range<Int>) -> Matrix {
    Matrix(rows: rows, columns: range.count) { self[$0, range.lowerBound + $1] }
  }
}
