internal import EbbMarkup

extension BarChart: ChartContent {
  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas {
    let entries =
      groups.count <= 1
      ? [] : groups.indices.map { LegendEntry(symbol: .block(options.style($0)), name: groups[$0].name) }
    let widest = categories.map { textWidth($0, size: Spacing.textSize) }.max() ?? 0
    let nameRoom = min(widest, options.width * 0.35)
    let scale = self.scale
    let valueRoom = (groups.flatMap(\.values).map { textWidth(label($0), size: Spacing.tickSize) }.max() ?? 0) + 10
    // Bars to the left of zero have their numbers on the left.
    let hasNegative = groups.contains { group in group.values.contains { $0.isFinite && $0 < 0 } }
    let left = nameRoom + 14 + (hasNegative && value.scale != .log10 ? valueRoom : 0)
    let right = options.width - Spacing.edge - valueRoom
    let titleBottom = options.showsTitle ? Spacing.titleHeight + 4 : 0
    let top = titleBottom + legendHeight(entries, left: Spacing.edge, right: options.width - Spacing.edge) + 8
    let wanted = Double(categories.count * max(1, groups.count)) * 15 + Double(categories.count) * 10
    let bottom = options.height.map { max(top + 40, $0 - 42) } ?? top + max(40, wanted)
    var canvas = SVGCanvas(width: options.width, height: bottom + 42)
    let area = PlotArea(
      frame: Rectangle(left: left, top: top, width: max(60, right - left), height: bottom - top), x: scale,
      y: AxisScale(.linear, values: [], bounds: nil))
    canvas.title(title, options)
    canvas.legend(entries, left: Spacing.edge, top: titleBottom + 10)
    canvas.horizontalAxis(area, scale.ticks(6), title: value.title, drawsGrid: true)
    drawBars(&canvas, area, nameRoom: nameRoom, options)
    if !categories.isEmpty {
      canvas.readout = Readout(
        kind: .bars, frame: area.frame, columns: groups.indices.map { .series(options.style($0)) },
        cells: (categories.count, max(1, groups.count)))
    }
    let references = references.map { ReferenceLine(.x, at: $0.value, label: $0.label) }
    canvas.labels(canvas.references(references, area))
    return canvas
  }

  var scale: AxisScale {
    AxisScale(
      value.scale, values: groups.flatMap(\.values) + references.map(\.value), bounds: value.bounds,
      margin: .fromZero)
  }

  private func label(_ value: Double) -> String { NumeralStyle.typographic.text(value, digits: 3) }

  private func drawBars(_ canvas: inout SVGCanvas, _ area: PlotArea, nameRoom: Double, _ options: ChartDrawingOptions) {
    guard !categories.isEmpty else { return }
    let origin = area.horizontal(value.scale != .log10 ? 0 : area.x.low) ?? area.frame.left
    let band = area.frame.height / Double(categories.count)
    let gap = min(10, band * 0.3)
    let thickness = (band - gap) / Double(max(1, groups.count))
    for (row, category) in categories.enumerated() {
      let bandTop = area.frame.top + Double(row) * band + gap / 2
      canvas.text(
        "", fitted(category, width: nameRoom + 1, size: Spacing.textSize),
        at: Point(x: nameRoom + 6, y: bandTop + (band - gap) / 2 + 4), anchor: .end)
      for (index, group) in groups.enumerated() {
        let number = group.values[row]
        let top = bandTop + Double(index) * thickness
        // A value without a position still has its number, where a bar would start.
        let end = area.horizontal(number)
        if let end {
          let tooltip = "\(category), \(group.name): \(NumeralStyle.typographic.text(number, digits: 6)) \(value.unit)"
          canvas.rectangle(
            "bar \(options.style(index).cssClass)",
            Rectangle(
              left: min(origin, end), top: top + 0.5, width: abs(end - origin), height: max(1, thickness - 1)),
            tooltip: options.isInPage ? nil : tooltip)
        }
        let isNegative = number < 0 && end != nil
        canvas.text(
          "tick halo", label(number),
          at: Point(x: (end ?? origin) + (isNegative ? -4 : 4), y: top + thickness / 2 + 4),
          anchor: isNegative ? .end : .start)
      }
    }
    canvas.line(
      "axis", from: Point(x: origin, y: area.frame.top), to: Point(x: origin, y: area.frame.bottom))
  }
}
