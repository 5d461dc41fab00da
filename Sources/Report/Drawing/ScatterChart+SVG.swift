extension ScatterChart {
  func drawn(_ options: DrawingOptions) -> SVGCanvas {
    let height = options.height ?? 360
    var canvas = SVGCanvas(width: options.width, height: height)
    let scales = self.scales
    let yTicks = scales.y.ticks(max(3, Int(height / 55)))
    let left = SVGCanvas.tickRoom(yTicks) + Spacing.edge
    let right = options.width - Spacing.edge - 8
    let entries =
      series.count == 1 && (series[0].name.isEmpty || series[0].name == y.label)
      ? [] : series.indices.map { LegendEntry(symbol: .mark(series: $0), name: series[$0].name) }
    let titleBottom = options.showsTitle ? Spacing.titleHeight + 4 : 0
    let top = titleBottom + legendHeight(entries, left: Spacing.edge, right: right) + 28
    let note = Omissions(series, x: scales.x, y: scales.y).note
    let bottom = height - 40 - (note == nil ? 0 : 16)
    let area = PlotArea(
      frame: Rectangle(left: left, top: top, width: right - left, height: max(40, bottom - top)), x: scales.x,
      y: scales.y)
    canvas.title(title, options)
    canvas.verticalAxis(area, yTicks, title: y.title)
    canvas.horizontalAxis(area, scales.x.ticks(8), title: x.title, drawsGrid: true)
    canvas.references(references, area)
    canvas.legend(entries, left: Spacing.edge, top: titleBottom + 8)
    for (index, series) in series.enumerated() {
      let marks = places(of: series, in: area).map { pointMark(index, at: $0, size: 3.2) }
      if !marks.isEmpty { canvas.path("scattered \(SeriesPalette.cssClass(index))", marks.joined()) }
    }
    if let note { canvas.text("note", note, at: Point(x: Spacing.edge, y: height - 6)) }
    return canvas
  }

  var scales: (x: AxisScale, y: AxisScale) {
    let xReferences = references.filter { $0.direction == .x }.map(\.value)
    let yReferences = references.filter { $0.direction == .y }.map(\.value)
    return (
      AxisScale(x.scale, values: series.flatMap(\.x) + xReferences, bounds: x.bounds, margin: .some),
      AxisScale(y.scale, values: series.flatMap(\.y) + yReferences, bounds: y.bounds, margin: .some)
    )
  }

  /// The points to paint. Of many, those on the same half pixel are one.
  private func places(of series: ChartSeries, in area: PlotArea) -> [Point] {
    let points = zip(series.x, series.y).compactMap { area.point($0, $1) }
    guard points.count > 2000 else { return points }
    var seen = Set<Point>()
    return points.filter { point in
      seen.insert(Point(x: (2 * point.x).rounded(), y: (2 * point.y).rounded())).inserted
    }
  }
}
