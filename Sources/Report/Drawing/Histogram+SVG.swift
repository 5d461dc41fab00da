internal import EbbMarkup

extension Histogram: ChartContent {
  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas {
    let height = options.height ?? 260
    var canvas = SVGCanvas(width: options.width, height: height)
    let notes = Notes([note], options)
    let area = layout(options, height, notes)
    let style = options.style(0)
    let countTicks = area.y.ticks(4, wholeNumbers: true)
    canvas.title(title, options)
    canvas.verticalAxis(area, countTicks, title: "count")
    for (bin, count) in counts.enumerated() where count > 0 {
      guard let start = area.horizontal(edges[bin]), let end = area.horizontal(edges[bin + 1]),
        let top = area.vertical(Double(count))
      else { continue }
      let from = NumeralStyle.typographic.text(edges[bin])
      let to = NumeralStyle.typographic.text(edges[bin + 1])
      canvas.rectangle(
        "bar \(style.cssClass)",
        Rectangle(
          left: start + 0.5, top: top, width: max(0.5, end - start - 1), height: area.frame.bottom - top),
        tooltip: options.isInPage ? nil : "\(from) to \(to) \(value.unit): \(count)")
    }
    canvas.horizontalAxis(area, area.x.ticks(area.horizontalTicks), title: value.title)
    canvas.labels(canvas.references(references.map { ReferenceLine(.x, at: $0.value, label: $0.label) }, area))
    canvas.notes(notes)
    if !counts.isEmpty {
      canvas.readout = Readout(kind: .bins, frame: area.frame, x: area.x, y: area.y, columns: [.series(style)])
    }
    return canvas
  }

  private func layout(_ options: ChartDrawingOptions, _ height: Double, _ notes: Notes) -> PlotArea {
    let scales = self.scales
    let left = SVGCanvas.tickRoom(scales.y.ticks(4, wholeNumbers: true)) + Spacing.edge
    let top = (options.showsTitle ? Spacing.titleHeight + 4 : 0) + 24
    let bottom = height - 40 - notes.height
    return PlotArea(
      frame: Rectangle(
        left: left, top: top, width: options.width - Spacing.edge - 8 - left, height: max(40, bottom - top)),
      x: scales.x, y: scales.y)
  }

  /// The scale of the values, wide enough for the references, and the scale of the counts.
  var scales: (x: AxisScale, y: AxisScale) {
    let ends = value.bounds.map { [$0.lowerBound, $0.upperBound] } ?? edges + references.map(\.value)
    return (
      AxisScale(value.scale, values: ends, bounds: value.bounds),
      // Above the highest bar there is room for the names of references.
      AxisScale(
        .linear, values: counts.map { Double($0) * (references.isEmpty ? 1 : 1.15) },
        bounds: highestCount.map { 0...$0 }, margin: .fromZero)
    )
  }

  var note: String? {
    uncounted == 0 ? nil : "Not counted: \(uncounted) without a place on this axis (NaN, infinite, ≤ 0 or outside)"
  }
}
