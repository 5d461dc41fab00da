internal import EbbTensors

/// A matrix stored by columns, in vectors of eight rows, the last one padded with zeros.
///
/// Factorisations spend their time in a few loops over pairs of columns. On vectors of eight these run at the machine's
/// vector width and check bounds once for eight entries.
struct ColumnStore {
  typealias Lane = SIMD8<Double>

  let rows: Int
  let count: Int
  /// Lane vectors to a column.
  let height: Int
  private var lanes: [Lane]

  /// Zeros.
  init(rows: Int, count: Int) {
    self.rows = rows
    self.count = count
    height = (rows + Lane.scalarCount - 1) / Lane.scalarCount
    lanes = Array(repeating: .zero, count: height * count)
  }

  /// The columns of a matrix.
  init(_ matrix: Matrix) { self.init(rowsOf: matrix.transposed) }

  /// The rows of a matrix as columns.
  init(rowsOf matrix: Matrix) {
    self.init(rows: matrix.columns, count: matrix.rows)
    let elements = matrix.elements
    for column in 0..<count {
      for row in 0..<rows { lanes[column * height + row >> 3][row & 7] = elements[column * rows + row] }
    }
  }

  /// The first columns of the identity.
  init(identity rows: Int, count: Int) {
    self.init(rows: rows, count: count)
    for column in 0..<count { self[column, column] = 1 }
  }

  subscript(row: Int, column: Int) -> Double {
    get { lanes[column * height + row >> 3][row & 7] }
    set { lanes[column * height + row >> 3][row & 7] = newValue }
  }

  var matrix: Matrix { Matrix(rows: rows, columns: count) { self[$0, $1] } }

  // MARK: Columns

  mutating func swapColumns(_ left: Int, _ right: Int) {
    guard left != right else { return }
    for lane in 0..<height { lanes.swapAt(left * height + lane, right * height + lane) }
  }

  mutating func clearColumn(_ column: Int) {
    for lane in 0..<height { lanes[column * height + lane] = .zero }
  }

  mutating func scaleColumn(_ column: Int, by factor: Double) {
    for lane in 0..<height { lanes[column * height + lane] *= factor }
  }

  mutating func divideColumn(_ column: Int, by divisor: Double) {
    for lane in 0..<height { lanes[column * height + lane] /= Lane(repeating: divisor) }
  }

  /// y ← y + a x for columns y and x, where x is zero above row `first`.
  mutating func addColumn(_ source: Int, times factor: Double, to target: Int, from first: Int) {
    for lane in first >> 3..<height { lanes[target * height + lane] += factor * lanes[source * height + lane] }
  }

  /// x · y of two columns.
  func dot(_ left: Int, _ right: Int) -> Double {
    var sum = Lane.zero
    for lane in 0..<height { sum += lanes[left * height + lane] * lanes[right * height + lane] }
    return sum.sum()
  }

  /// The plane rotation (x, y) ← (c x − s y, s x + c y) of two columns.
  mutating func rotate(_ left: Int, _ right: Int, cosine: Double, sine: Double) {
    for lane in 0..<height {
      let x = lanes[left * height + lane]
      let y = lanes[right * height + lane]
      lanes[left * height + lane] = cosine * x - sine * y
      lanes[right * height + lane] = sine * x + cosine * y
    }
  }

  /// The Euclidean norm of a column from a row, without overflow or underflow of the squares.
  func norm(_ column: Int, from row: Int = 0) -> Double {
    var sum = Lane.zero
    let start = row >> 3
    if start < height {
      var first = lanes[column * height + start]
      for entry in 0..<(row & 7) { first[entry] = 0 }
      sum = first * first
      for lane in start + 1..<max(height, start + 1) {
        let x = lanes[column * height + lane]
        sum += x * x
      }
    }
    return euclideanNorm(squares: sum.sum(), of: (row..<max(row, rows)).lazy.map { self[$0, column] })
  }

  // MARK: Reflections

  /// y ← y − τ (v · y) v for a column y and a reflector v, a column of another store that is zero above row `first`.
  mutating func reflect(_ column: Int, by reflectors: ColumnStore, _ index: Int, factor: Double, from first: Int) {
    let start = first >> 3
    var sum = Lane.zero
    for lane in start..<height { sum += lanes[column * height + lane] * reflectors.lanes[index * height + lane] }
    let weight = factor * sum.sum()
    guard weight != 0 else { return }
    for lane in start..<height {
      lanes[column * height + lane] -= weight * reflectors.lanes[index * height + lane]
    }
  }

  // MARK: Products

  /// The matrix product, two columns of the result at a time: each lane vector of a column is a sum over the columns of
  /// the left factor, in ascending order.
  static func * (left: ColumnStore, right: ColumnStore) -> ColumnStore {
    precondition(left.count == right.rows, "a product of \(left.count) columns with \(right.rows) rows")
    var result = ColumnStore(rows: left.rows, count: right.count)
    // The columns are followed by padding, which is multiplied by the right factor's padding zeros.
    var panel = [Lane](repeating: .zero, count: right.height * Lane.scalarCount)
    for lane in 0..<left.height {
      for column in 0..<left.count { panel[column] = left.lanes[column * left.height + lane] }
      for column in stride(from: 0, to: right.count, by: 2) {
        let other = min(column + 1, right.count - 1)
        var first = Lane.zero
        var second = Lane.zero
        for block in 0..<right.height {
          let x = right.lanes[column * right.height + block]
          let y = right.lanes[other * right.height + block]
          for entry in 0..<Lane.scalarCount {
            let values = panel[block * Lane.scalarCount + entry]
            first += values * x[entry]
            second += values * y[entry]
          }
        }
        result.lanes[column * result.height + lane] = first
        result.lanes[other * result.height + lane] = second
      }
    }
    return result
  }
}
