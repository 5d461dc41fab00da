internal import EbbMarkup

extension LineChart {
  func terminalLines(_ style: TerminalStyle, rows: Int) -> [String] {
    let scales = self.scales
    var plot = TerminalPlot(
      style: style, rows: rows, x: scales.x, y: scales.y, wholeX: areWholeNumbers(series.flatMap(\.x)),
      wholeY: areWholeNumbers(series.flatMap(\.y)))
    for reference in references { plot.reference(reference) }
    for (index, series) in series.enumerated() { plot.curve(series, index) }
    if !style.usesColor && series.count > 1 {
      for (index, series) in series.enumerated() { plot.letters(series, index, of: self.series.count) }
    }
    var lines = style.heading(title, y.title)
    if let marks = plot.eventLine(events) { lines.append(marks) }
    lines += plot.lines(xTitle: x.title)
    lines += terminalLegend(series.map(\.name), style, symbol: "──")
    for event in events {
      lines.append("▾ \(event.name.printable) (\(event.positions.count)×)".cut(to: style.width))
    }
    lines += terminalLegend(references, style)
    return lines + style.note(Omissions(series, x: scales.x, y: scales.y).note)
  }
}

/// A, B, C … identify the series without colour.
func seriesLetter(_ index: Int) -> Character {
  Character(Unicode.Scalar(UInt8(ascii: "A") + UInt8(index % 26)))
}

/// The names of several series, in as many lines as they need.
func terminalLegend(_ names: [String], _ style: TerminalStyle, symbol: String) -> [String] {
  guard names.count > 1 || names.first?.isEmpty == false else { return [] }
  var lines: [String] = []
  var line = ""
  var width = 0
  for (index, name) in names.enumerated() {
    let mark = style.usesColor || names.count == 1 ? symbol : String(seriesLetter(index))
    let entry = "\(mark) \(name.printable)".cut(to: style.width)
    let entryWidth = displayWidth(entry)
    if width > 0 && width + 3 + entryWidth > style.width {
      lines.append(line)
      line = ""
      width = 0
    }
    line += (width > 0 ? "   " : "") + style.painted(entry, SeriesPalette.terminalColor(index))
    width += (width > 0 ? 3 : 0) + entryWidth
  }
  return lines + [line]
}

/// The reference lines and their values.
func terminalLegend(_ references: [ReferenceLine], _ style: TerminalStyle) -> [String] {
  references.map { reference in
    let value = NumeralStyle.ascii.text(reference.value)
    return "┄ \(reference.label.printable) (\(value))".cut(to: style.width)
  }
}

extension TerminalPlot {
  fileprivate mutating func curve(_ series: ChartSeries, _ index: Int) {
    var last: (x: Int, y: Int)?
    for (xValue, yValue) in zip(series.x, series.y) {
      let point = dot(xValue, yValue)
      if let point { canvas.line(from: last ?? point, to: point, owner: index, isDashed: series.isTheory) }
      last = point
    }
  }

  /// Every third dot of a reference line.
  mutating func reference(_ reference: ReferenceLine) {
    switch reference.direction {
    case .x:
      guard let across = x.fraction(of: reference.value) else { return }
      let column = Int((across * Double(canvas.dotColumns - 1)).rounded())
      for row in stride(from: 0, to: canvas.dotRows, by: 3) { canvas.set(column, row, owner: nil) }
    case .y:
      guard let up = y.fraction(of: reference.value) else { return }
      let row = canvas.dotRows - 1 - Int((up * Double(canvas.dotRows - 1)).rounded())
      for column in stride(from: 0, to: canvas.dotColumns, by: 3) { canvas.set(column, row, owner: nil) }
    }
  }

  /// The series' letter every few columns of its line, at different columns for different series.
  fileprivate mutating func letters(_ series: ChartSeries, _ index: Int, of count: Int) {
    let period = max(count + 1, 12)
    let offset = (2 * index + 1) * period / (2 * count)
    var last: (x: Int, y: Int)?
    for (xValue, yValue) in zip(series.x, series.y) {
      let point = dot(xValue, yValue)
      defer { last = point }
      guard let point else { continue }
      let start = last ?? point
      for column in min(start.x, point.x) / 2...max(start.x, point.x) / 2 where column % period == offset % period {
        let share = point.x == start.x ? 1 : Double(2 * column - start.x) / Double(point.x - start.x)
        let height = Double(start.y) + max(0, min(1, share)) * Double(point.y - start.y)
        canvas.letter(seriesLetter(index), column: column, row: Int(height) / 4, owner: index)
      }
    }
  }

  /// A mark over each event; `nil` if there are none.
  fileprivate func eventLine(_ events: [ChartEvents]) -> String? {
    guard !events.isEmpty else { return nil }
    var marks = [Character](repeating: " ", count: canvas.columns)
    for position in events.flatMap(\.positions) {
      guard let across = x.fraction(of: position) else { continue }
      marks[Int((across * Double(canvas.columns - 1)).rounded())] = "▾"
    }
    return (String(repeating: " ", count: margin + 1) + String(marks)).trimmingTrailingSpaces
  }
}
