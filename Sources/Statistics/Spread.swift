/// What several runs of the same experiment gave, in a few numbers.
///
/// A number that is NaN is a run that diverged. It counts as the largest of all for the quantiles, and makes the mean
/// NaN: an average over the runs that went well would hide the others.
public struct Spread: Sendable, Hashable {
  /// The numbers of the runs, in the order of their seeds.
  public var values: [Double]
  /// One half of the numbers is below.
  public var median: Double
  /// One quarter of the numbers is below.
  public var lowerQuartile: Double
  /// Three quarters of the numbers are below.
  public var upperQuartile: Double

  /// The spread of these numbers; NaN throughout if there are none.
  public init(_ values: [Double]) {
    self.values = values
    let sorted = values.ascending
    median = quantile(0.5, ofSorted: sorted)
    lowerQuartile = quantile(0.25, ofSorted: sorted)
    upperQuartile = quantile(0.75, ofSorted: sorted)
  }

  /// How many runs there are.
  public var count: Int { values.count }

  /// The mean; NaN if one of the numbers is.
  public var mean: Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(count) }
}
