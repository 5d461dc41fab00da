extension Chart {
  /// The chart as lines of text for a terminal or a pipe, each ended by a line feed and none wider than the style.
  ///
  /// - Parameter rows: the maximum number of lines of the plot itself (bars and histograms take one line per bar).
  public func terminal(_ style: TerminalStyle = .plain, rows: Int = 16) -> String {
    let rows = max(2, rows)
    let lines =
      switch self {
      case .line(let chart): chart.terminalLines(style, rows: rows)
      case .scatter(let chart): chart.terminalLines(style, rows: rows)
      case .bars(let chart): chart.terminalLines(style)
      case .histogram(let chart): chart.terminalLines(style)
      case .heatMap(let chart): chart.terminalLines(style, rows: rows)
      }
    return lines.map { $0 + "\n" }.joined()
  }
}
