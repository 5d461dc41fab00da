/// One named sequence of points.
public struct ChartSeries: Sendable, Hashable {
  /// The name, as the legend has it.
  public var name: String
  /// The values of x, one for each value of y.
  public var x: [Double]
  /// The values of y.
  public var y: [Double]
  /// Whether the values were predicted, not measured: their line is dashed.
  public var isTheory: Bool
  /// Half the width of the 95% interval around each value, NaN if unknown; empty if all are unknown. It is in the table
  /// of numbers and is not drawn.
  public var margins: [Double]
  /// A band around the line; nil for none.
  public var band: Band?
  /// The meaning of the line's or the marks' colour.
  public var color: SeriesColor

  /// A band between two values for each x, such as quantiles of errors around a forecast.
  public struct Band: Sendable, Hashable {
    /// The meaning of the band, as the legend has it.
    public var name: String
    /// The lower ends, NaN if unknown.
    public var lower: [Double]
    /// The upper ends, NaN if unknown.
    public var upper: [Double]

    /// A band between these values.
    public init(_ name: String, lower: [Double], upper: [Double]) {
      self.name = name
      self.lower = lower
      self.upper = upper
    }
  }

  /// - Precondition: `x`, `y` and the ends of `band` have the same length, and so does `margins`, or it is empty.
  public init(
    _ name: String, x: [Double], y: [Double], isTheory: Bool = false, margins: [Double] = [], band: Band? = nil,
    color: SeriesColor = .ofName
  ) {
    precondition(x.count == y.count, "series '\(name)' has \(x.count) values of x and \(y.count) of y")
    precondition(
      margins.isEmpty || margins.count == y.count, "series '\(name)' has \(y.count) values and \(margins.count) margins"
    )
    if let band {
      precondition(
        band.lower.count == y.count && band.upper.count == y.count,
        "series '\(name)' has \(y.count) values and a band of \(band.lower.count) and \(band.upper.count)")
    }
    self.margins = margins
    self.band = band
    self.color = color
    self.name = name
    self.x = x
    self.y = y
    self.isTheory = isTheory
  }

  /// The values at x = `first`, `first` + 1, …, for one value per timestep.
  public init(
    _ name: String, _ y: [Double], first: Double = 0, isTheory: Bool = false, margins: [Double] = [],
    band: Band? = nil, color: SeriesColor = .ofName
  ) {
    self.init(
      name, x: y.indices.map { first + Double($0) }, y: y, isTheory: isTheory, margins: margins, band: band,
      color: color)
  }
}

/// Quantities that change along x, such as gradient norms over timesteps.
///
/// A point without a position (NaN, an infinity, or a value ≤ 0 on a logarithmic axis) interrupts the line; the drawing
/// reports how many there are.
public struct LineChart: Sendable, Hashable {
  /// Stands above the chart.
  public var title: String
  /// The axis across.
  public var x: ChartAxis
  /// The axis upwards.
  public var y: ChartAxis
  /// The lines.
  public var series: [ChartSeries]
  /// Marked on the x axis.
  public var events: [ChartEvents]
  /// Lines to compare with.
  public var references: [ReferenceLine]

  /// A chart of these lines.
  public init(
    _ title: String, x: ChartAxis, y: ChartAxis, series: [ChartSeries], events: [ChartEvents] = [],
    references: [ReferenceLine] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.events = events
    self.references = references
  }
}
