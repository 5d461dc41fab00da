internal import Foundation

/// Wilcoxon's signed-rank test of paired numbers: is one of two settings better, seed by seed?
///
/// The differences are ranked by magnitude. If the settings do not differ, each rank is positive or negative with equal
/// probability, whatever the distribution of the numbers (Wilcoxon 1945). The probability of a sum of ranks at least as
/// far from its mean is exact, ties included: it is counted over all 2ⁿ choices of signs, by the number of choices that
/// reach each sum.
///
/// Ranks do not ask how large a difference is, so a run that diverged is simply worse: NaN counts as +∞, on the
/// understanding that less is better. Pairs without a difference say nothing and are left out.
public struct SignedRankTest: Sendable, Hashable {
  /// The pairs with a difference.
  public var pairs: Int
  /// The sum of the ranks of positive differences.
  public var positiveRanks: Double
  /// The two-sided probability of such a sum, or of one further from the mean, if there is no difference.
  public var probability: Double

  /// The test of numbers that belong together by position, first minus second.
  ///
  /// - Precondition: As many first as second numbers, and at most 1,000.
  public init(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count, "\(first.count) numbers are paired with \(second.count)")
    precondition(first.count <= 1000, "\(first.count) pairs")
    func worst(_ value: Double) -> Double { value.isNaN ? .infinity : value }
    let differences = zip(first, second).compactMap { first, second -> Double? in
      let (first, second) = (worst(first), worst(second))
      return first == second ? nil : first - second
    }
    pairs = differences.count
    let ranks = Self.doubledRanks(differences.map(\.magnitude))
    let sum = zip(differences, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    positiveRanks = Double(sum) / 2
    probability = Self.probability(of: sum, ranks)
  }

  /// Twice each number's rank, so that the mean rank of a tie is whole.
  private static func doubledRanks(_ magnitudes: [Double]) -> [Int] {
    magnitudes.map { magnitude in
      let smaller = magnitudes.count { $0 < magnitude }
      let equal = magnitudes.count { $0 == magnitude }
      return 2 * smaller + equal + 1
    }
  }

  private static func probability(of sum: Int, _ ranks: [Int]) -> Double {
    let total = ranks.reduce(0, +)
    // The probability of each sum, after each rank.
    var shares = [1.0] + [Double](repeating: 0, count: total)
    var reach = 0
    for rank in ranks {
      reach += rank
      for place in stride(from: reach, through: 0, by: -1) {
        shares[place] = (shares[place] + (place >= rank ? shares[place - rank] : 0)) / 2
      }
    }
    // The distances from the mean, total / 2, in halves.
    let distance = abs(2 * sum - total)
    return min(1, shares.indices.reduce(0) { $0 + (abs(2 * $1 - total) >= distance ? shares[$1] : 0) })
  }

  /// The least probability that the test of so many pairs can give: 2 / 2ⁿ.
  public static func leastProbability(pairs: Int) -> Double { min(1, scalbn(2, -pairs)) }

  /// How many pairs one of so many comparisons needs for a corrected probability of at most `level` to be possible.
  public static func pairsNeeded(comparisons: Int, level: Double = 0.05) -> Int {
    (1...60).first { leastProbability(pairs: $0) * Double(max(1, comparisons)) <= level } ?? 60
  }
}

/// The probabilities of several tests, corrected so that the probability of any false alarm among them is at most the
/// level that each is compared with.
///
/// With p₍₁₎ ≤ … ≤ p₍ₘ₎: p'₍ᵢ₎ = min(1, max over j ≤ i of (m − j + 1) p₍ⱼ₎)     (Holm 1979)
public func holmCorrected(_ probabilities: [Double]) -> [Double] {
  var corrected = probabilities
  var largest = 0.0
  let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
  for (position, index) in order.enumerated() {
    largest = max(largest, Double(order.count - position) * probabilities[index])
    corrected[index] = min(1, largest)
  }
  return corrected
}
