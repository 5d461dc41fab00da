internal import EbbMarkup

extension HeatMap: ChartContent {
  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas {
    let scale = colorScale
    let barTicks = scale.ticks(5)
    let frame = plotFrame(options, barRoom: 12 + 14 + SVGCanvas.tickRoom(barTicks))
    let xScale = indexScale(count: columns, first: firstColumn)
    let omissions = Omissions(values, on: scale)
    let binning = Binning(self)
    let notes = Notes(
      [omissions.note.map { $0.replacingPrefix("Not drawn", with: "Hatched") }, binning.note], options)
    var canvas = SVGCanvas(
      width: options.width, height: frame.bottom + 44 + notes.height)
    canvas.title(title, options)
    canvas.rectangle("missing", frame)
    if !omissions.isEmpty || values.isEmpty { canvas.path("hatch", hatching(frame)) }
    if rows > 0 && columns > 0 {
      canvas.pixels(binning.image(scale, colorMap), over: frame)
      canvas.readout = Readout(kind: .cells, frame: frame, cells: (rows, columns))
    }
    let area = PlotArea(frame: frame, x: xScale, y: indexScale(count: rows, first: firstRow))
    canvas.horizontalAxis(area, xScale.ticks(area.horizontalTicks, wholeNumbers: true), title: x.title)
    drawRows(&canvas, area, titleTop: frame.top - (titlesCollide(options) ? 27 : 11))
    drawColorBar(&canvas, scale, barTicks, beside: frame)
    canvas.notes(notes)
    return canvas
  }

  var colorMap: ColorMap {
    switch palette {
    case .sequential: .sequential
    case .diverging: .diverging
    }
  }

  /// Colours over the values' range; a diverging palette has zero in the middle.
  package var colorScale: AxisScale {
    let finite = values.lazy.filter(\.isFinite)
    guard palette == .diverging, value.scale == .linear, value.bounds == nil else {
      return AxisScale(value.scale, values: values, bounds: value.bounds)
    }
    let largest = finite.map(\.magnitude).max() ?? 1
    return AxisScale(.linear, values: [], bounds: largest > 0 ? -largest...largest : -1...1)
  }

  /// The scale of row or column numbers; each cell extends half a step to both sides of its number.
  func indexScale(count: Int, first: Double) -> AxisScale {
    AxisScale(.linear, values: [], bounds: (first - 0.5)...(first + Double(max(1, count)) - 0.5))
  }

  private func plotFrame(_ options: ChartDrawingOptions, barRoom: Double) -> Rectangle {
    let names =
      rowNames.isEmpty
      ? indexScale(count: rows, first: firstRow).ticks(8, wholeNumbers: true).compactMap { $0.label(.typographic) }
      : rowNames
    let widest = names.map { textWidth($0, size: Spacing.tickSize) }.max() ?? 0
    let left = Spacing.edge + min(widest, options.width * 0.3) + 10
    let top = (options.showsTitle ? Spacing.titleHeight + 4 : 0) + (titlesCollide(options) ? 42 : 26)
    let room = options.width - Spacing.edge - 20 - barRoom - left
    // Cells are square if that gives a reasonable height.
    let aspect = Double(max(1, rows)) / Double(max(1, columns))
    let tallest = options.height.map { max(60, $0 - top - 57) } ?? 420
    let least = min(tallest, rowNames.isEmpty ? 120 : max(88, Double(rows) * 18))
    let height = max(least, min(tallest, room * aspect))
    let isNearlySquare = aspect >= 0.5 && aspect <= 2
    return Rectangle(
      left: left, top: top, width: isNearlySquare ? min(room, height / aspect) : room, height: height)
  }

  /// Whether the titles of the rows and of the colours need a line each.
  private func titlesCollide(_ options: ChartDrawingOptions) -> Bool {
    (textWidth(y.title, size: Spacing.textSize) + textWidth(value.title, size: Spacing.textSize)) * 1.12
      > options.width - 2 * Spacing.edge - 12
  }

  private func drawRows(_ canvas: inout SVGCanvas, _ area: PlotArea, titleTop: Double) {
    let frame = area.frame
    canvas.axisTitle(y.title, at: Point(x: Spacing.edge, y: titleTop))
    let band = frame.height / Double(max(1, rows))
    if rowNames.isEmpty {
      for tick in area.y.ticks(8, wholeNumbers: true) {
        // The first row is at the top.
        let height = frame.top + tick.fraction * frame.height
        canvas.line("axis", from: Point(x: frame.left - 5, y: height), to: Point(x: frame.left, y: height))
        canvas.text(
          "tick", tick.label(.typographic) ?? "", at: Point(x: frame.left - 8, y: height + 4), anchor: .end)
      }
    } else {
      // A reader can fill in missing numbers, but not missing names.
      let pitch = rowNames.allSatisfy { Double($0) != nil } ? 26.0 : 12
      let stride = max(1, Int((pitch / band).rounded(.up)))
      for row in Swift.stride(from: 0, to: rows, by: stride) {
        canvas.text(
          "tick", fitted(rowNames[row], width: frame.left - Spacing.edge - 6, size: Spacing.tickSize),
          at: Point(x: frame.left - 8, y: frame.top + (Double(row) + 0.5) * band + 4), anchor: .end)
      }
    }
    canvas.line(
      "axis", from: Point(x: frame.left, y: frame.top), to: Point(x: frame.left, y: frame.bottom))
  }

  private func drawColorBar(
    _ canvas: inout SVGCanvas, _ scale: AxisScale, _ ticks: [Tick], beside frame: Rectangle
  ) {
    let bar = Rectangle(left: frame.right + 20, top: frame.top, width: 12, height: frame.height)
    let steps = (0..<255).map { UInt8(254 - $0) }
    canvas.pixels(IndexedImage(width: 1, height: steps.count, colors: colorMap.colors, pixels: steps), over: bar)
    for tick in ticks {
      let height = bar.bottom - tick.fraction * bar.height
      let label = tick.label(.typographic)
      let end = bar.right + (label == nil ? 2.5 : 4)
      canvas.line("axis", from: Point(x: bar.right, y: height), to: Point(x: end, y: height))
      if let label { canvas.text("tick", label, at: Point(x: bar.right + 7, y: height + 4)) }
    }
    // The title is aligned to the right edge if it does not fit from the bar's left end.
    let width = textWidth(value.title, size: Spacing.textSize) * 1.12
    let fits = bar.left + width < canvas.width - Spacing.edge
    canvas.text(
      "axis-title", value.title, at: Point(x: fits ? bar.left : canvas.width - Spacing.edge, y: frame.top - 11),
      anchor: fits ? .start : .end)
  }
}

/// Diagonal lines over a rectangle, as one path.
func hatching(_ frame: Rectangle, distance: Double = 7) -> String {
  var path = SVGPath()
  var offset = distance
  while offset < frame.width + frame.height {
    // The line x + y = offset, cut by the rectangle's sides.
    let startX = max(0, offset - frame.height)
    let endX = min(frame.width, offset)
    path.move(to: Point(x: frame.left + startX, y: frame.top + offset - startX))
    path.line(to: Point(x: frame.left + endX, y: frame.top + offset - endX))
    offset += distance
  }
  return path.text
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
