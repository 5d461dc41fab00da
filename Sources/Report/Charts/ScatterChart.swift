/// Points without an order, to relate two quantities.
public struct ScatterChart: Sendable, Hashable {
  /// A circle to compare the points with, such as the unit circle for eigenvalues.
  public struct Circle: Sendable, Hashable {
    /// The middle, on the x axis.
    public var x: Double
    /// The middle, on the y axis.
    public var y: Double
    /// The radius, in the unit of the axes.
    public var radius: Double
    /// The meaning of the circle.
    public var label: String

    /// A circle; by default about the origin.
    public init(x: Double = 0, y: Double = 0, radius: Double, label: String) {
      self.x = x
      self.y = y
      self.radius = radius
      self.label = label
    }
  }

  /// Stands above the chart.
  public var title: String
  /// The axis across.
  public var x: ChartAxis
  /// The axis upwards.
  public var y: ChartAxis
  /// The points, by name.
  public var series: [ChartSeries]
  /// Lines to compare with.
  public var references: [ReferenceLine]
  /// Drawn only if units are equal; otherwise they would not be circles.
  public var circles: [Circle]
  /// Whether both axes have units of equal length, as on the complex plane. Needs two linear axes.
  public var hasEqualUnits: Bool

  /// A chart of these points.
  public init(
    _ title: String, x: ChartAxis, y: ChartAxis, series: [ChartSeries], references: [ReferenceLine] = [],
    circles: [Circle] = [], hasEqualUnits: Bool = false
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.references = references
    self.circles = circles
    self.hasEqualUnits = hasEqualUnits
  }
}

extension ScatterChart {
  var scales: (x: AxisScale, y: AxisScale) {
    let x = AxisScale(self.x.scale, values: values(\.x, .x), bounds: self.x.bounds, margin: .some)
    let y = AxisScale(self.y.scale, values: values(\.y, .y), bounds: self.y.bounds, margin: .some)
    guard isSquare else { return (x, y) }
    // Both axes are extended to the longer one, each around its own middle.
    let reach = max(x.high / 2 - x.low / 2, y.high / 2 - y.low / 2)
    return (x.widened(to: reach), y.widened(to: reach))
  }

  /// Whether both axes have equal units.
  var isSquare: Bool { hasEqualUnits && x.scale == .linear && y.scale == .linear }

  /// The values that must fit on one of the axes.
  private func values(
    _ coordinate: KeyPath<ChartSeries, [Double]>, _ direction: ReferenceLine.Direction
  ) -> [Double] {
    let ends = isSquare ? circles : []
    return series.flatMap { $0[keyPath: coordinate] }
      + references.filter { $0.direction == direction }.map(\.value)
      + ends.flatMap { circle in
        let middle = direction == .x ? circle.x : circle.y
        return [middle - circle.radius, middle + circle.radius]
      }
  }
}

extension AxisScale {
  /// The linear axis with the same middle and this reach to both sides.
  fileprivate func widened(to reach: Double) -> AxisScale {
    let middle = low / 2 + high / 2
    return AxisScale(.linear, values: [], bounds: middle - reach...middle + reach)
  }
}
