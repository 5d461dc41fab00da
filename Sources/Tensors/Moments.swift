internal import Foundation

/// Mean and standard deviation of numbers, of any magnitude.
///
/// Whether all numbers are equal is decided by comparing them. Equal numbers may have a deviation of 1e-17 from their
/// rounded mean, and numbers that differ may have a deviation too small to square.
package struct Moments: Hashable, Sendable {
  package var mean: Double
  /// √(Σ (x − x̄)² / n)
  package var deviation: Double
  /// Whether there are two numbers that differ.
  package var isVarying: Bool
  private let count: Int

  package init(_ values: [Double]) {
    count = values.count
    let first = values.first ?? .nan
    isVarying = values.contains { $0 != first }
    guard isVarying else {
      (mean, deviation) = (first, values.isEmpty ? .nan : 0)
      return
    }
    // Scaled by a power of two, which changes no bit unless sums or squares would leave the range of Float64.
    let largest = values.reduce(0) { max($0, abs($1)) }
    let exponent = largest.isFinite && !(0x1p-400...0x1p400).contains(largest) ? Int(largest.exponent) : 0
    let scaled = exponent == 0 ? values : values.map { scalbn($0, -exponent) }
    let count = Double(values.count)
    var mean = scaled.reduce(0, +) / count
    var deviation = rootMeanSquare(scaled.map { $0 - mean })
    // The rounding error of the mean is no part of the spread.
    let correction = scaled.reduce(0) { $0 + ($1 - mean) } / count
    if abs(correction) > 1e-9 * deviation {
      mean += correction
      deviation = rootMeanSquare(scaled.map { $0 - mean })
    }
    self.mean = scalbn(mean, exponent)
    self.deviation = max(scalbn(deviation, exponent), .leastNonzeroMagnitude)
  }

  /// √(Σ (x − x̄)² / (n − 1) n), the standard error of the mean of independent numbers; NaN for fewer than two.
  package var standardError: Double { count < 2 ? .nan : deviation / Double(count - 1).squareRoot() }
}

/// √(Σ x² / n)
package func rootMeanSquare(_ values: [Double]) -> Double {
  var squares = WideSum(power: 2)
  for value in values { squares.add(value) }
  return squares.root(over: Double(values.count))
}
