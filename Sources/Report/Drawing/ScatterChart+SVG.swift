internal import EbbMarkup

extension ScatterChart: ChartContent {
  /// The side of a square plot, if there is room for it.
  private static let side = 400.0

  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas {
    let scales = self.scales
    let yTicks = scales.y.ticks(isSquare ? 5 : max(3, Int((options.height ?? 360) / 55)))
    let left = SVGCanvas.tickRoom(yTicks) + Spacing.edge
    let right = options.width - Spacing.edge - 8
    let entries =
      series.count == 1 && (series[0].name.isEmpty || series[0].name == y.label)
      ? [] : series.indices.map { LegendEntry(symbol: .mark(options.style($0)), name: series[$0].name) }
    let titleBottom = options.showsTitle ? Spacing.titleHeight + 4 : 0
    let top = titleBottom + legendHeight(entries, left: Spacing.edge, right: right) + 28
    let notes = Notes([Omissions(series, x: scales.x, y: scales.y).note], options)
    let below = 40.0 + notes.height
    var frame = Rectangle(left: left, top: top, width: right - left, height: 0)
    if isSquare {
      frame.width = min(frame.width, options.height.map { max(40, $0 - top - below) } ?? Self.side)
      frame.height = frame.width
    } else {
      frame.height = max(40, (options.height ?? 360) - below - top)
    }
    let height = isSquare ? frame.bottom + below : options.height ?? 360
    var canvas = SVGCanvas(width: options.width, height: height)
    let area = PlotArea(frame: frame, x: scales.x, y: scales.y)
    canvas.title(title, options)
    canvas.verticalAxis(area, yTicks, title: y.title)
    let xTicks = scales.x.ticks(
      isSquare ? 5 : area.horizontalTicks, wholeNumbers: !isSquare && areWholeNumbers(series.flatMap(\.x)))
    canvas.horizontalAxis(area, xTicks, title: x.title, drawsGrid: true)
    let labels = canvas.references(references, area)
    if isSquare { for circle in circles { canvas.circle(circle, area) } }
    canvas.legend(entries, left: Spacing.edge, top: titleBottom + 8)
    // Small marks if there are many.
    let size = series.reduce(0) { $0 + $1.x.count } > 150 ? 2.3 : 3.2
    for (index, series) in series.enumerated() {
      let style = options.style(index)
      let marks = places(of: series, in: area).map { pointMark(style.mark, at: $0, size: size) }
      if !marks.isEmpty { canvas.path("scattered \(style.cssClass)", marks.joined()) }
    }
    canvas.labels(labels)
    if isSquare { for circle in circles { canvas.label(circle, area) } }
    canvas.notes(notes)
    canvas.readout = Readout(
      kind: .points, frame: frame, x: scales.x, y: scales.y, columns: series.indices.map { .series(options.style($0)) })
    return canvas
  }

  /// The points to draw. If there are many, those on the same half pixel are one.
  private func places(of series: ChartSeries, in area: PlotArea) -> [Point] {
    let points = zip(series.x, series.y).compactMap { area.point($0, $1) }
    guard points.count > 2000 else { return points }
    var seen = Set<Point>()
    return points.filter { point in
      seen.insert(Point(x: (2 * point.x).rounded(), y: (2 * point.y).rounded())).inserted
    }
  }
}

extension SVGCanvas {
  /// A dashed circle; it is not drawn if it extends beyond the frame.
  fileprivate mutating func circle(_ circle: ScatterChart.Circle, _ area: PlotArea) {
    guard let middle = area.point(circle.x, circle.y), let radius = circle.radius(in: area) else { return }
    element(
      "circle",
      [
        "class": "reference", "cx": coordinate(middle.x), "cy": coordinate(middle.y), "r": coordinate(radius),
        "fill": "none",
      ])
  }

  /// The label outside the circle, at its lower right if the frame has a free corner there, else under it.
  fileprivate mutating func label(_ circle: ScatterChart.Circle, _ area: PlotArea) {
    guard let middle = area.point(circle.x, circle.y), let radius = circle.radius(in: area) else { return }
    let width = textWidth(circle.label, size: Spacing.tickSize)
    let right = min(middle.x + 0.72 * radius + width + 6, area.frame.right - 4)
    let height = min(middle.y + 0.9 * radius, area.frame.bottom - 6)
    text("tick halo", circle.label, at: Point(x: right, y: height), anchor: .end)
  }
}

extension ScatterChart.Circle {
  fileprivate func radius(in area: PlotArea) -> Double? {
    guard let left = area.horizontal(x - radius), let right = area.horizontal(x + radius),
      area.vertical(y - radius) != nil, area.vertical(y + radius) != nil
    else { return nil }
    return (right - left) / 2
  }
}
