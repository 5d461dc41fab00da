internal import Foundation

extension ScatterChart {
  func terminalLines(_ style: TerminalStyle, rows: Int) -> [String] {
    let scales = self.scales
    // A character cell is 2 × 4 dots and about twice as high as wide, so dots are on a square grid.
    var plot = TerminalPlot(
      style: style, rows: rows, x: scales.x, y: scales.y, columns: isSquare ? 2 * rows : nil)
    if isSquare { for circle in circles { plot.circle(circle) } }
    for reference in references { plot.reference(reference) }
    for (index, series) in series.enumerated() {
      for (xValue, yValue) in zip(series.x, series.y) {
        guard let dot = plot.dot(xValue, yValue) else { continue }
        plot.canvas.set(dot.x, dot.y, owner: index)
        if !style.usesColor && self.series.count > 1 {
          plot.canvas.letter(seriesLetter(index), column: dot.x / 2, row: dot.y / 4, owner: index)
        }
      }
    }
    var lines = style.heading(title, y.title)
    lines += plot.lines(xTitle: x.title)
    lines += terminalLegend(series.map(\.name), style, symbol: "●")
    lines += terminalLegend(references, style)
    if isSquare { lines += circles.map { "◌ \($0.label.printable)".cut(to: style.width) } }
    return lines + style.note(Omissions(series, x: scales.x, y: scales.y).note)
  }
}

extension TerminalPlot {
  /// Dots along a circle, about three apart.
  fileprivate mutating func circle(_ circle: ScatterChart.Circle) {
    guard let left = dot(circle.x - circle.radius, circle.y), let right = dot(circle.x + circle.radius, circle.y) else {
      return
    }
    let count = max(8, Int(Double.pi * Double(right.x - left.x) / 3))
    for index in 0..<count {
      let angle = 2 * Double.pi * Double(index) / Double(count)
      guard let place = dot(circle.x + circle.radius * cos(angle), circle.y + circle.radius * sin(angle)) else {
        continue
      }
      canvas.set(place.x, place.y, owner: nil)
    }
  }
}
