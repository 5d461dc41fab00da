internal import EbbMarkup

/// The common frame of charts in a terminal: numbers on the left, dots, numbers below.
struct TerminalPlot {
  let style: TerminalStyle
  let x: AxisScale
  let y: AxisScale
  let margin: Int
  var canvas: BrailleCanvas
  private let yTicks: [Int: String]
  private let xTicks: [Tick]

  /// - Parameter columns: The number of columns of the plot itself, if there is room; nil for all.
  init(
    style: TerminalStyle, rows: Int, x: AxisScale, y: AxisScale, wholeX: Bool = false, wholeY: Bool = false,
    columns wanted: Int? = nil
  ) {
    self.style = style
    self.x = x
    self.y = y
    var labels: [Int: String] = [:]
    for tick in y.ticks(max(2, rows / 3), wholeNumbers: wholeY) {
      guard let label = tick.label(.ascii) else { continue }
      let row = rows - 1 - min(rows - 1, Int(tick.fraction * Double(rows)))
      // Of two numbers on one line the first is kept.
      if labels[row] == nil { labels[row] = label }
    }
    yTicks = labels
    margin = (labels.values.map { displayWidth($0) }.max() ?? 0) + 1
    let columns = max(8, min(style.width - margin - 2, wanted ?? .max))
    canvas = BrailleCanvas(columns: columns, rows: rows)
    xTicks = x.ticks(max(2, columns / 12), wholeNumbers: wholeX)
  }

  /// The dot of a point; `nil` if it has none.
  func dot(_ xValue: Double, _ yValue: Double) -> (x: Int, y: Int)? {
    guard let across = x.fraction(of: xValue), let up = y.fraction(of: yValue) else { return nil }
    return (
      Int((across * Double(canvas.dotColumns - 1)).rounded()),
      canvas.dotRows - 1 - Int((up * Double(canvas.dotRows - 1)).rounded())
    )
  }

  /// The rows of the plot, its lower edge and the numbers under it.
  func lines(xTitle: String) -> [String] {
    var lines = (0..<canvas.rows).map { row in
      let label = (yTicks[row] ?? "").padded(to: margin - 1, alignedRight: true)
      let edge = yTicks[row] == nil ? "│" : "┤"
      return style.dim(label + " " + edge) + canvas.text(row: row, style: style)
    }
    var edge = [Character](repeating: "─", count: canvas.columns)
    var numbers = [Character](repeating: " ", count: margin + 1 + canvas.columns)
    var freeFrom = 0
    for tick in xTicks {
      guard let label = tick.label(.ascii) else { continue }
      let column = Int((tick.fraction * Double(canvas.columns - 1)).rounded())
      let start = max(0, min(numbers.count - label.count, margin + 1 + column - label.count / 2))
      guard start >= freeFrom else { continue }
      edge[column] = "┴"
      numbers.replaceSubrange(start..<start + label.count, with: label)
      freeFrom = start + label.count + 1
    }
    lines.append(style.dim(String(repeating: " ", count: margin) + "└" + String(edge)))
    lines.append(style.dim(String(numbers).trimmingTrailingSpaces))
    let title = xTitle.printable.cut(to: canvas.columns)
    let indent = margin + 1 + max(0, (canvas.columns - displayWidth(title)) / 2)
    if !title.isEmpty { lines.append(String(repeating: " ", count: indent) + style.dim(title)) }
    return lines
  }
}

extension String {
  var trimmingTrailingSpaces: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
