internal import Foundation

/// How clearly a network's squared errors so many steps ahead differ from a baseline's: a test of equal accuracy (Diebold &
/// Mariano 1995) that holds for few forecasts, for correlated errors, and for all the numbers of steps that are looked at.
///
/// With d the baseline's squared error less the network's, at n origins one after the other,
///
///     t = d̄ / √(V / n)     V = (1/B) Σ_{j=1}^{B} c_j²     c_j = √(2/n) Σ_{i=1}^{n} d_i cos(π j (i − ½) / n)
///
/// Errors h steps ahead overlap, so d is correlated in time, and V estimates the variance of its slow changes, which the
/// mean shares: it is a mean of squares of B cosine weights, never negative, and t is Student's with B degrees of freedom
/// (Müller 2007; Lazarus, Lewis, Stock & Watson 2018; Coroneo & Iacone 2020 for comparisons of forecasts):
///
///     B = min(⌈0.41 n^⅔⌉, ⌊n / 2h⌋, 64)
///
/// The first is the number that weighs size against power (Lazarus et al., equation 10); the second keeps to changes that
/// are slow beside the overlap of h steps; beyond the third t is normal. Without any, n < 2h, nothing can be told. The small-sample form of Harvey,
/// Leybourne & Newbold (1997), with Student's t of n − 1 degrees and h − 1 autocovariances, which may make V negative, was
/// tried too: between two equally good forecasts it sees a difference in 12% of the cases with (n, h) = (60, 7) and in
/// 47% with (60, 30).
public struct ForecastComparison: Hashable, Sendable {
  /// t: above 0 where the network's errors are the smaller ones.
  public let statistic: Double
  /// B
  public let degreesOfFreedom: Int
  /// With what probability at least one of all the comparisons of a walk would show so large a |t| by chance (Holm 1979).
  public internal(set) var probability: Double

  /// The probability of chance below which a difference is called clear.
  public static let level = 0.05

  /// Whether the probability of chance is at most `level`.
  public var isClear: Bool { probability <= Self.level }

  /// Compares errors at consecutive origins; nil where there are too few, or no varying difference to measure by.
  ///
  /// - Parameter resolution: What the errors may be wrong by from rounding.
  init?(errors: [Double], baseline: [Double], stepsAhead: Int, resolution: Double) {
    let n = errors.count
    let count = min(Int((0.41 * pow(Double(n), 2.0 / 3)).rounded(.up)), n / (2 * stepsAhead), 64)
    // In units of the largest error, which t does not depend on.
    let largest = (errors + baseline).reduce(0) { max($0, abs($1)) }
    guard count >= 1, largest > 0, largest.isFinite else { return nil }
    let differences = zip(errors, baseline).map { error, other in
      (other / largest) * (other / largest) - (error / largest) * (error / largest)
    }
    // d² is known to 2 |e| times what e is known to: what varies by no more does not vary.
    let range = (differences.max() ?? 0) - (differences.min() ?? 0)
    guard range > 8 * (resolution / largest + .ulpOfOne) else { return nil }
    let mean = differences.reduce(0, +) / Double(n)
    // cos(π j (i + ½) / n) = cos(2π j (2i + 1) / 4n): a turn in 4n parts.
    let cosines = (0..<4 * n).map { cos(.pi * Double($0) / Double(2 * n)) }
    let variance = (1...count).reduce(0.0) { sum, j in
      var weight = 0.0
      for i in 0..<n { weight += (differences[i] - mean) * cosines[j * (2 * i + 1) % (4 * n)] }
      return sum + weight * weight * 2 / Double(n)
    }
    let statistic = mean / (variance / Double(count) / Double(n)).squareRoot()
    guard statistic.isFinite else { return nil }
    self.statistic = statistic
    degreesOfFreedom = count
    probability = StudentT(degreesOfFreedom: count).twoSidedProbability(statistic)
  }
}

extension [ForecastComparison?] {
  /// With the probabilities of all together, after Holm (1979): with p₁ ≤ p₂ ≤ … ≤ p_m the k-th is the largest of
  /// (m − i + 1) p_i for i ≤ k, at most 1.
  func adjustedForAll() -> Self {
    var result = self
    let order = indices.filter { self[$0] != nil }.sorted {
      (self[$0]?.probability ?? 1) < (self[$1]?.probability ?? 1)
    }
    var least = 0.0
    for (rank, index) in order.enumerated() {
      guard let probability = self[index]?.probability else { continue }
      least = Swift.max(least, Swift.min(1, Double(order.count - rank) * probability))
      result[index]?.probability = least
    }
    return result
  }
}
