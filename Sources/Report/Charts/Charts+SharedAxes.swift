extension [Chart] {
  /// The charts with equal ends of axes that have the same quantity, unit and scale, so that they can be compared.
  package var sharingAxes: [Chart] {
    guard count > 1 else { return self }
    var ends: [SharedAxis: ClosedRange<Double>] = [:]
    for (axis, scale) in flatMap(\.sharedAxes) {
      let range = scale.low...scale.high
      guard let other = ends[axis] else {
        ends[axis] = range
        continue
      }
      ends[axis] = Swift.min(other.lowerBound, range.lowerBound)...Swift.max(other.upperBound, range.upperBound)
    }
    return map { $0.sharing(ends) }
  }
}

/// An axis that several charts may have.
private struct SharedAxis: Hashable {
  enum Place: Hashable { case x, y, value, count }
  /// The place of the axis: equal quantities along different directions do not share their ends.
  var place: Place
  /// The kind of the chart.
  var kind: Int
  var label: String
  var unit: String
  var scale: ChartScale

  init(_ place: Place, _ kind: Int, _ axis: ChartAxis) {
    (self.place, self.kind, label, unit, scale) = (place, kind, axis.label, axis.unit, axis.scale)
  }
}

extension Chart {
  fileprivate var sharedAxes: [(SharedAxis, AxisScale)] {
    switch self {
    case .line(let chart):
      let scales = chart.scales
      guard chart.series.contains(where: { $0.hasPoint(scales) }) else { return [] }
      return [(SharedAxis(.x, 0, chart.x), scales.x), (SharedAxis(.y, 0, chart.y), scales.y)]
    case .scatter(let chart):
      let scales = chart.scales
      guard chart.series.contains(where: { $0.hasPoint(scales) }) else { return [] }
      // A time axis is shared with line charts.
      return [(SharedAxis(.x, 0, chart.x), scales.x), (SharedAxis(.y, 1, chart.y), scales.y)]
    case .bars(let chart): return [(SharedAxis(.value, 2, chart.value), chart.scale)]
    case .histogram(let chart):
      let scales = chart.scales
      guard !chart.counts.isEmpty else { return [] }
      return [(SharedAxis(.value, 3, chart.value), scales.x), (SharedAxis(.count, 3, chart.value), scales.y)]
    case .heatMap(let chart):
      guard chart.values.contains(where: { chart.colorScale.fraction(of: $0) != nil }) else { return [] }
      return [(SharedAxis(.value, 4, chart.value), chart.colorScale)]
    }
  }

  fileprivate func sharing(_ ends: [SharedAxis: ClosedRange<Double>]) -> Chart {
    switch self {
    case .line(var chart):
      let (x, y) = (ends[SharedAxis(.x, 0, chart.x)], ends[SharedAxis(.y, 0, chart.y)])
      (chart.x.bounds, chart.y.bounds) = (x ?? chart.x.bounds, y ?? chart.y.bounds)
      return .line(chart)
    case .scatter(var chart):
      let (x, y) = (ends[SharedAxis(.x, 0, chart.x)], ends[SharedAxis(.y, 1, chart.y)])
      (chart.x.bounds, chart.y.bounds) = (x ?? chart.x.bounds, y ?? chart.y.bounds)
      return .scatter(chart)
    case .bars(var chart):
      chart.value.bounds = ends[SharedAxis(.value, 2, chart.value)] ?? chart.value.bounds
      return .bars(chart)
    case .histogram(var chart):
      chart.value.bounds = ends[SharedAxis(.value, 3, chart.value)] ?? chart.value.bounds
      chart.highestCount = ends[SharedAxis(.count, 3, chart.value)]?.upperBound ?? chart.highestCount
      return .histogram(chart)
    case .heatMap(var chart):
      chart.value.bounds = ends[SharedAxis(.value, 4, chart.value)] ?? chart.value.bounds
      return .heatMap(chart)
    }
  }
}

extension ChartSeries {
  fileprivate func hasPoint(_ scales: (x: AxisScale, y: AxisScale)) -> Bool {
    zip(x, y).contains { scales.x.fraction(of: $0) != nil && scales.y.fraction(of: $1) != nil }
  }
}
