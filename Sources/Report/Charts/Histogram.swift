import Foundation

/// How often each value occurs: counts in bins of equal width (of equal ratio on a logarithmic axis).
public struct Histogram: Sendable, Hashable {
  /// Stands above the chart.
  public var title: String
  /// The counted quantity.
  public var value: ChartAxis
  /// The bins' edges, ascending: one more than counts; empty if there are no values.
  public var edges: [Double]
  /// How many values are in each bin.
  public var counts: [Int]
  /// The number of values without a position on the axis: NaN, infinities, values outside the axis bounds, and on a
  /// logarithmic axis those ≤ 0.
  public var uncounted: Int
  /// Values to compare with, on the value axis; their direction is not used.
  public var references: [ReferenceLine]
  /// The meaning of the bars' colour.
  public var color: SeriesColor
  /// The count at the upper end of the axis; nil takes it from the highest bar.
  public var highestCount: Double?

  /// Counts `values`.
  ///
  /// - Parameters:
  ///   - title: Stands above the chart.
  ///   - value: The counted quantity.
  ///   - values: The numbers to count, in any order.
  ///   - bins: The number of bins; `nil` uses Sturges' ⌈log₂ n⌉ + 1, widened to 2·n^⅓ for large n (Rice), at most 60.
  ///   - references: Values to compare with, on the value axis.
  ///   - color: The meaning of the bars' colour.
  public init(
    _ title: String, value: ChartAxis, of values: [Double], bins: Int? = nil, references: [ReferenceLine] = [],
    color: SeriesColor = .ofName
  ) {
    self.title = title
    self.value = value
    self.references = references
    self.color = color
    let scale = AxisScale(value.scale, values: values, bounds: value.bounds)
    let counted = values.compactMap { scale.fraction(of: $0) }
    uncounted = values.count - counted.count
    guard !counted.isEmpty else {
      edges = []
      counts = []
      return
    }
    let n = Double(counted.count)
    let suggested = max(Foundation.log2(n).rounded(.up) + 1, (2 * Foundation.cbrt(n)).rounded(.up))
    let count = max(1, bins ?? Int(min(60, suggested)))
    edges = (0...count).map { scale.value(at: Double($0) / Double(count)) }
    var counts = [Int](repeating: 0, count: count)
    for fraction in counted {
      // The last bin is closed on both sides.
      counts[min(count - 1, Int(fraction * Double(count)))] += 1
    }
    self.counts = counts
  }
}
