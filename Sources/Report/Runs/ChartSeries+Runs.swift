internal import EbbStatistics

extension ChartSeries {
  /// Several runs as one line: the median of the runs at each x, with a band between the quartiles.
  ///
  /// A run that has ended keeps its last value, or those that ended well would no longer count.
  ///
  /// - Parameters:
  ///   - name: The name, as the legend has it.
  ///   - x: The values of x of the longest run.
  ///   - runs: The values of each run, over the beginning of `x`.
  ///   - isTheory: Whether the values were predicted, not measured.
  ///   - color: The meaning of the line's colour.
  public init(_ name: String, x: [Double], runs: [[Double]], isTheory: Bool = false, color: SeriesColor = .ofName) {
    let runs = runs.filter { !$0.isEmpty }
    let length = min(x.count, runs.map(\.count).max() ?? 0)
    let spreads = (0..<length).map { place in Spread(runs.map { place < $0.count ? $0[place] : $0[$0.count - 1] }) }
    let band = Band(
      "\(name), the middle half of \(runs.count) seeds", lower: spreads.map(\.lowerQuartile),
      upper: spreads.map(\.upperQuartile))
    self.init(
      name, x: Array(x.prefix(length)), y: spreads.map(\.median), isTheory: isTheory,
      band: runs.count > 1 ? band : nil, color: color)
  }

  /// Several runs with one value for each step, from x = `first` on.
  public init(_ name: String, runs: [[Double]], first: Double = 0, color: SeriesColor = .ofName) {
    let length = runs.map(\.count).max() ?? 0
    self.init(name, x: (0..<length).map { first + Double($0) }, runs: runs, color: color)
  }
}
