internal import Foundation

/// A test of equal accuracy (Diebold & Mariano 1995) between a network's and a baseline's squared errors at some number
/// of steps ahead, valid for few forecasts, correlated errors, and several tested numbers of steps.
///
/// With d the baseline's squared error minus the network's, at n consecutive origins,
///
///     t = d̄ / √(V / n)     V = (1/B) Σ_{j=1}^{B} c_j²     c_j = √(2/n) Σ_{i=1}^{n} d_i cos(π j (i − ½) / n)
///
/// Errors h steps ahead overlap, so d is correlated in time. V estimates the variance of its slow changes, which the
/// mean shares: it is a mean of squares of B cosine weights, never negative, and t has Student's distribution with B
/// degrees of freedom (Müller 2007; Lazarus, Lewis, Stock & Watson 2018; Coroneo & Iacone 2020 for comparisons of
/// forecasts):
///
///     B = min(⌈0.41 n^⅔⌉, ⌊n / 2h⌋, 64)
///
/// The first balances size against power (Lazarus et al., equation 10); the second restricts V to changes that are slow
/// compared to the overlap of h steps; above the third, t is normal. If B is 0 (n < 2h), there is no test. The
/// small-sample form of Harvey, Leybourne & Newbold (1997), with Student's t of n − 1 degrees and h − 1
/// autocovariances, which may make V negative, was tried too: for two equally good forecasts it reports a difference in
/// 12% of cases with (n, h) = (60, 7) and in 47% with (60, 30).
public struct ForecastComparison: Hashable, Sendable {
  /// t: above 0 if the network's errors are smaller.
  public let statistic: Double
  /// B
  public let degreesOfFreedom: Int
  /// The probability that at least one comparison of a walk shows so large a |t| by chance (Holm 1979).
  public internal(set) var probability: Double

  /// The probability of chance below which a difference is called clear.
  public static let level = 0.05

  /// Whether the probability of chance is at most `level`.
  public var isClear: Bool { probability <= Self.level }

  /// Compares errors at consecutive origins; nil if there are too few, or their differences do not vary.
  ///
  /// - Parameter resolution: The possible rounding error of the errors.
  init?(errors: [Double], baseline: [Double], stepsAhead: Int, resolution: Double) {
    let n = errors.count
    let count = min(Int((0.41 * pow(Double(n), 2.0 / 3)).rounded(.up)), n / (2 * stepsAhead), 64)
    // In units of the largest error, which does not change t.
    let largest = (errors + baseline).reduce(0) { max($0, abs($1)) }
    guard count >= 1, largest > 0, largest.isFinite else { return nil }
    let differences = zip(errors, baseline).map { error, other in
      (other / largest) * (other / largest) - (error / largest) * (error / largest)
    }
    // The uncertainty of d² is 2 |e| times that of e; smaller variations do not count.
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
  /// With joint probabilities, after Holm (1979): with p₁ ≤ p₂ ≤ … ≤ p_m the k-th is the largest of (m − i + 1) p_i for
  /// i ≤ k, at most 1.
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
