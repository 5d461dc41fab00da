internal import EbbMarkup

extension LineChart: ChartContent {
  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas {
    let height = options.height ?? 340
    var canvas = SVGCanvas(width: options.width, height: height)
    let layout = Layout(self, options, height)
    let area = layout.area
    canvas.title(title, options)
    canvas.verticalAxis(area, layout.yTicks, title: y.title)
    canvas.horizontalAxis(area, layout.xTicks, title: x.title)
    let labels = canvas.references(
      references, area, avoiding: series.flatMap { $0.segments(in: area).flatMap { $0 } })
    for (index, series) in series.enumerated() { canvas.band(series, options.style(index), area) }
    for (index, series) in series.enumerated() { canvas.curve(series, options.style(index), area) }
    canvas.labels(labels)
    for (lane, events) in events.enumerated() {
      let middle = area.frame.top - 6 - Double(self.events.count - 1 - lane) * 11
      canvas.events(events, lane, area, height: middle)
    }
    canvas.legend(layout.legend, left: Spacing.edge, top: layout.legendTop)
    switch layout.labels {
    case .none, .legend: break
    case .atLineEnds(let placements):
      canvas.names(placements, series.map(\.name), series.indices.map(options.style), right: area.frame.right)
    }
    canvas.notes(layout.notes)
    if !series.isEmpty {
      canvas.readout = Readout(
        kind: hasCommonX ? .line : .lines, frame: area.frame, x: area.x, y: area.y, columns: readoutColumns(options))
    }
    return canvas
  }

  /// The meaning of the columns of the table after x, or of its series if they differ in x.
  private func readoutColumns(_ options: ChartDrawingOptions) -> [Readout.Column] {
    let curves = series.indices.map { Readout.Column.series(options.style($0)) } + events.map { _ in .event }
    guard hasCommonX else { return curves }
    return curves
      + series.flatMap { series in
        (series.margins.isEmpty ? [] : [.number]) + (series.band == nil ? [] : [.number, .number])
      }
  }

  /// The scales of the data and of the reference lines.
  var scales: (x: AxisScale, y: AxisScale) {
    let xReferences = references.filter { $0.direction == .x }.map(\.value)
    let yReferences = references.filter { $0.direction == .y }.map(\.value)
    return (
      AxisScale(
        x.scale, values: series.flatMap(\.x) + events.flatMap(\.positions) + xReferences, bounds: x.bounds),
      AxisScale(
        y.scale, values: series.flatMap { $0.y + ($0.band?.lower ?? []) + ($0.band?.upper ?? []) } + yReferences,
        bounds: y.bounds, margin: .some)
    )
  }

  private struct Layout {
    var area: PlotArea
    var xTicks: [Tick]
    var yTicks: [Tick]
    var labels: SeriesLabels
    var legend: [LegendEntry]
    var legendTop: Double
    var notes: Notes

    init(_ chart: LineChart, _ options: ChartDrawingOptions, _ height: Double) {
      let scales = chart.scales
      xTicks = scales.x.ticks(options.width > 500 ? 8 : 5, wholeNumbers: areWholeNumbers(chart.series.flatMap(\.x)))
      yTicks = scales.y.ticks(max(3, Int(height / 55)), wholeNumbers: areWholeNumbers(chart.series.flatMap(\.y)))
      let left = SVGCanvas.tickRoom(yTicks) + Spacing.edge
      let right = options.width - Spacing.edge - 8
      let titleBottom = options.showsTitle ? Spacing.titleHeight + 4 : 0
      let eventLanes = Double(chart.events.count) * 11
      notes = Notes([Omissions(chart.series, x: scales.x, y: scales.y).note], options)
      let bottom = height - 40 - notes.height
      let names = chart.series.map(\.name)
      let bands = chart.series.enumerated().compactMap { index, series in
        series.band.map { LegendEntry(symbol: .band(options.style(index)), name: $0.name) }
      }
      let events = bands + chart.events.enumerated().map { LegendEntry(symbol: .event(lane: $0), name: $1.name) }
      // First with names at the line ends; if that fails, again with all of them in the legend.
      let nameRoom = SeriesLabels.room(names)
      legend = events
      legendTop = titleBottom + 8
      var top = titleBottom + legendHeight(events, left: Spacing.edge, right: right) + 28 + eventLanes
      area = PlotArea(
        frame: Rectangle(left: left, top: top, width: right - nameRoom - left, height: bottom - top),
        x: scales.x, y: scales.y)
      if chart.series.count == 1 && (names[0].isEmpty || names[0] == chart.y.label) {
        labels = .none
      } else if nameRoom <= options.width * (options.width > 500 ? 0.3 : 0.2) {
        let area = area
        labels = SeriesLabels.placed(chart.series.map { $0.lastPoint(in: area) }, in: area.frame)
      } else {
        labels = .legend
      }
      switch labels {
      case .atLineEnds: return
      case .none: break
      case .legend:
        legend =
          chart.series.enumerated().map { index, series in
            LegendEntry(symbol: .line(options.style(index), isTheory: series.isTheory), name: series.name)
          } + events
      }
      top = titleBottom + legendHeight(legend, left: Spacing.edge, right: right) + 28 + eventLanes
      area.frame = Rectangle(left: left, top: top, width: right - left, height: max(40, bottom - top))
    }
  }
}

extension ChartSeries {
  /// The last point that has a place.
  func lastPoint(in area: PlotArea) -> Point? {
    for index in x.indices.reversed() {
      if let point = area.point(x[index], y[index]) { return point }
    }
    return nil
  }

  /// The runs of points without a gap.
  func segments(in area: PlotArea) -> [[Point]] {
    var segments: [[Point]] = []
    var current: [Point] = []
    for (xValue, yValue) in zip(x, y) {
      if let point = area.point(xValue, yValue) {
        current.append(point)
      } else if !current.isEmpty {
        segments.append(current)
        current = []
      }
    }
    if !current.isEmpty { segments.append(current) }
    return segments
  }
}

/// The same picture with at most four points for each pixel column: the first, the lowest, the highest and the last, so
/// that no peak of a long series is lost.
func thinned(_ points: [Point]) -> [Point] {
  var result: [Point] = []
  var start = 0
  while start < points.count {
    let column = points[start].x.rounded(.down)
    var end = start + 1
    while end < points.count && points[end].x.rounded(.down) == column { end += 1 }
    if end - start <= 4 {
      result += points[start..<end]
    } else {
      var lowest = start
      var highest = start
      for index in start..<end {
        if points[index].y < points[lowest].y { lowest = index }
        if points[index].y > points[highest].y { highest = index }
      }
      var last = -1
      for index in [start, lowest, highest, end - 1].sorted() where index != last {
        result.append(points[index])
        last = index
      }
    }
    start = end
  }
  return result
}

extension SVGCanvas {
  /// The area between the ends of a band; gaps divide it.
  fileprivate mutating func band(_ series: ChartSeries, _ style: SeriesStyle, _ area: PlotArea) {
    guard let band = series.band else { return }
    var outline = ""
    var (above, below): ([Point], [Point]) = ([], [])
    func close() {
      guard above.count > 1 else { return }
      var path = SVGPath()
      let points = thinned(above) + thinned(below).reversed()
      path.move(to: points[0])
      for point in points.dropFirst() { path.line(to: point) }
      outline += path.text + "Z"
    }
    for (index, x) in series.x.enumerated() {
      if let upper = area.point(x, band.upper[index]), let lower = area.point(x, band.lower[index]) {
        above.append(upper)
        below.append(lower)
      } else {
        close()
        (above, below) = ([], [])
      }
    }
    close()
    if !outline.isEmpty { path("band \(style.cssClass)", outline) }
  }

  fileprivate mutating func curve(_ series: ChartSeries, _ style: SeriesStyle, _ area: PlotArea) {
    let color = style.cssClass
    let dashes = style.dashes(isTheory: series.isTheory)
    var curve = SVGPath()
    var dots = ""
    for segment in series.segments(in: area) {
      // A single point between gaps would be an invisible line.
      if segment.count == 1 {
        dots += pointMark(0, at: segment[0], size: 2.2)
        continue
      }
      let points = thinned(segment)
      curve.move(to: points[0])
      for point in points.dropFirst() { curve.line(to: point) }
    }
    if !curve.text.isEmpty { path("curve \(color)", curve.text, dashes: dashes) }
    if !dots.isEmpty { path("dot \(color)", dots) }
  }

  fileprivate mutating func events(_ events: ChartEvents, _ lane: Int, _ area: PlotArea, height: Double) {
    // Events on the same pixel are one mark.
    let places = Set(events.positions.compactMap { area.horizontal($0)?.rounded() }).sorted()
    guard !places.isEmpty else { return }
    path("event", places.map { eventMark(lane, at: Point(x: $0, y: height)) }.joined())
  }
}
