extension DataTable {
  /// The table in aligned columns: words at the left, numbers at the right. Lines end with a line feed.
  ///
  /// Where the columns are wider than the style, the widest columns of words are cut with an ellipsis; numbers are
  /// never cut.
  public func terminal(_ style: TerminalStyle = .plain) -> String {
    let cells = columns.map { column in column.cells.map { $0.text(column.format, .ascii).printable } }
    var widths = zip(columns, cells).map { column, cells in
      max(displayWidth(column.title), cells.map { displayWidth($0) }.max() ?? 0)
    }
    let gaps = 2 * max(0, columns.count - 1)
    while widths.reduce(gaps, +) > style.width {
      let words = columns.indices.filter { !columns[$0].isNumeric && widths[$0] > 8 }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    func line(_ texts: [String]) -> String {
      var parts: [String] = []
      for (index, text) in texts.enumerated() {
        parts.append(text.cut(to: widths[index]).padded(to: widths[index], alignedRight: columns[index].isNumeric))
      }
      return parts.joined(separator: "  ").trimmingTrailingSpaces
    }
    var text = title.isEmpty ? "" : style.bold(title.printable) + "\n"
    text += style.bold(line(columns.map(\.title.printable))) + "\n"
    text += style.dim(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")) + "\n"
    for row in 0..<rowCount { text += line(cells.map { $0[row] }) + "\n" }
    return text
  }
}
