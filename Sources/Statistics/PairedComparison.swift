/// Settings compared with each other, each pair of them seed by seed.
public struct PairedComparison: Sendable, Hashable {
  /// One setting against another.
  public struct Row: Sendable, Hashable {
    /// The setting from whose numbers the other's are subtracted.
    public var first: String
    /// The other setting.
    public var second: String
    /// The median of first minus second over the seeds.
    public var difference: Double
    /// The probability of the signed-rank test by itself.
    public var probability: Double
    /// The same, corrected for the number of comparisons.
    public var corrected: Double
  }

  /// Every pair once.
  public var rows: [Row]
  /// The number of seeds.
  public var seeds: Int

  /// Every pair of settings.
  ///
  /// - Parameter settings: Names, and their numbers in the order of the same seeds.
  public init(_ settings: [(name: String, values: [Double])]) {
    let pairs = settings.indices.flatMap { first in settings[(first + 1)...].map { (settings[first], $0) } }
    self.init(pairs, seeds: settings.first?.values.count ?? 0)
  }

  /// One setting against each of the others, whose numbers are in the order of the same seeds.
  public init(_ setting: (name: String, values: [Double]), against others: [(name: String, values: [Double])]) {
    self.init(others.map { (setting, $0) }, seeds: setting.values.count)
  }

  private init(_ pairs: [((name: String, values: [Double]), (name: String, values: [Double]))], seeds: Int) {
    rows = pairs.map { first, second in
      Row(
        first: first.name, second: second.name,
        difference: Spread(zip(first.values, second.values).map { $0 - $1 }).median,
        probability: SignedRankTest(first.values, second.values).probability, corrected: 1)
    }
    self.seeds = seeds
    let corrected = holmCorrected(rows.map(\.probability))
    for index in rows.indices { rows[index].corrected = corrected[index] }
  }

  /// A sentence if no result of these tests could be beyond chance at 5%; nil if one could.
  public var tooFewSeeds: String? {
    guard !rows.isEmpty else { return nil }
    let needed = SignedRankTest.pairsNeeded(comparisons: rows.count)
    guard seeds < needed else { return nil }
    return """
      \(seeds) seed\(seeds == 1 ? " is" : "s are") too few for \(rows.count) comparison\(rows.count == 1 ? "" : "s"): \
      even if one is better with every seed, p is \
      \(min(1, SignedRankTest.leastProbability(pairs: seeds) * Double(rows.count))); \(needed) seeds can show a \
      difference at 5%.
      """
  }
}
