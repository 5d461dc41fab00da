internal import EbbTensors
internal import Foundation

extension Matrix {
  /// max |aᵢⱼ|; 0 for a matrix without entries.
  public var maximumNorm: Double { elements.reduce(0) { Swift.max($0, abs($1)) } }

  /// ‖A‖_F = √(Σ aᵢⱼ²), without overflow or underflow of the squares.
  public var frobeniusNorm: Double { euclideanNorm(elements) }

  /// ‖A‖₁, the largest sum of a column's magnitudes.
  public var oneNorm: Double {
    var sums = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { sums[column] += abs(self[row, column]) }
    }
    return sums.max() ?? 0
  }

  /// ‖A‖∞, the largest sum of a row's magnitudes.
  public var infinityNorm: Double {
    (0..<rows).map { row in self.row(row).reduce(0) { $0 + abs($1) } }.max() ?? 0
  }

  /// ‖A‖₂, the largest singular value.
  public func spectralNorm() throws(LinearAlgebraError) -> Double { try singularValues().first ?? 0 }

  /// The number of singular values above `tolerance` · σ₁.
  ///
  /// - Parameter tolerance: By default ε · max(rows, columns), the relative size of a zero after rounding.
  public func rank(tolerance: Double? = nil) throws(LinearAlgebraError) -> Int {
    Matrix.rank(try singularValues(), tolerance: tolerance ?? .ulpOfOne * Double(Swift.max(rows, columns)))
  }

  /// The number of singular values, largest first, above `tolerance` times the first.
  public static func rank(_ singularValues: [Double], tolerance: Double) -> Int {
    guard let largest = singularValues.first else { return 0 }
    return singularValues.filter { $0 > tolerance * largest }.count
  }
}
