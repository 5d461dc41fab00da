extension Matrix {
  /// The matrix product.
  public static func * (left: Matrix, right: Matrix) -> Matrix {
    precondition(
      left.columns == right.rows,
      "a product of \(left.rows) × \(left.columns) with \(right.rows) × \(right.columns)")
    return (ColumnStore(left) * ColumnStore(right)).matrix
  }

  /// A matrix times a vector.
  public static func * (left: Matrix, right: [Double]) -> [Double] {
    precondition(left.columns == right.count, "\(left.rows) × \(left.columns) times a vector of \(right.count)")
    return (0..<left.rows).map { row in
      var sum = 0.0
      for column in right.indices { sum += left[row, column] * right[column] }
      return sum
    }
  }

  /// Each entry times the factor.
  public static func * (factor: Double, matrix: Matrix) -> Matrix { matrix.mapped { factor * $0 } }
  /// The sum; traps unless both have the same shape.
  public static func + (left: Matrix, right: Matrix) -> Matrix { combined(left, right, +) }
  /// The difference; traps unless both have the same shape.
  public static func - (left: Matrix, right: Matrix) -> Matrix { combined(left, right, -) }

  private static func combined(
    _ left: Matrix, _ right: Matrix, _ function: (Double, Double) -> Double
  ) -> Matrix {
    precondition(left.rows == right.rows && left.columns == right.columns, "a sum of matrices of two shapes")
    return Matrix(rows: left.rows, columns: left.columns, zip(left.elements, right.elements).map(function))
  }

  /// The matrix with a function applied to each entry.
  public func mapped(_ function: (Double) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns, elements.map(function))
  }

  /// 2ᵉ A, exact except for entries that leave the range of Float64.
  package func scaled(byPowerOfTwo exponent: Int) -> Matrix {
    exponent == 0 ? self : mapped { $0.scaled(byPowerOfTwo: exponent) }
  }

  /// 2⁻ᵉ A, with a largest entry between 1 and 2, if the largest entry of A is above 2^limit or below 2^−limit;
  /// otherwise A itself, with e = 0.
  ///
  /// - Parameter limit: Use a small limit for products of entries and a large one for sums only: scaling loses entries
  ///   that are smaller than the largest by the whole range of Float64.
  func scaledToSafeRange(limit: Int = 32) -> (matrix: Matrix, exponent: Int) {
    let largest = maximumNorm
    guard largest > 0 else { return (self, 0) }
    let exponent = Int(largest.exponent)
    return abs(exponent) < limit ? (self, 0) : (scaled(byPowerOfTwo: -exponent), exponent)
  }
}

extension Double {
  /// 2ᵉ x, rounded once.
  func scaled(byPowerOfTwo exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: self) }
}
