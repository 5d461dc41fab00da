extension Chart {
  /// The chart as lines of text for a terminal or a pipe, each ended by a line feed and none wider than the style.
  ///
  /// - Parameters:
  ///   - style: The number of columns, and whether there are colours.
  ///   - rows: The maximum number of lines of the plot itself (bars and histograms take one line per bar).
  public func terminal(_ style: TerminalStyle = .plain, rows: Int = 16) -> String {
    content.terminalLines(style, rows: max(2, rows)).map { $0 + "\n" }.joined()
  }
}
