internal import EbbMarkup

extension DataTable {
  /// The table in aligned columns: words at the left, numbers at the right. Lines end with a line feed.
  ///
  /// If the columns are wider than the style, the widest columns of words continue on indented lines below. Words that
  /// are too wide by themselves are cut with an ellipsis; numbers are never cut.
  public func terminal(_ style: TerminalStyle = .plain) -> String {
    let titles = columns.map(\.title.printable)
    let cells = columns.map { column in column.cells.map { $0.text(column.format, .ascii).printable } }
    let widths = widths(titles, cells, within: style.width)
    // Computed once, since each answer may look at every cell of the column.
    let isNumeric = columns.map(\.isNumeric)
    func lines(_ texts: [String]) -> [String] {
      let wrapped = zip(texts, columns.indices).map { text, column in
        isNumeric[column] ? [text.cut(to: widths[column])] : text.wrapped(to: widths[column])
      }
      return (0..<(wrapped.map(\.count).max() ?? 0)).map { line in
        wrapped.indices.map { column in
          let text = line < wrapped[column].count ? wrapped[column][line] : ""
          return text.padded(to: widths[column], alignedRight: isNumeric[column])
        }.joined(separator: "  ").trimmingTrailingSpaces
      }
    }
    var text = title.isEmpty ? "" : style.bold(title.printable) + "\n"
    for line in lines(titles) { text += style.bold(line) + "\n" }
    text += style.dim(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")) + "\n"
    for row in 0..<rowCount { text += lines(cells.map { $0[row] }).map { $0 + "\n" }.joined() }
    return text
  }

  /// The widths of the columns: as wide as their texts if possible; else the widest columns of words are narrowed, at
  /// first without breaking words.
  private func widths(_ titles: [String], _ cells: [[String]], within limit: Int) -> [Int] {
    let texts = columns.indices.map { [titles[$0]] + cells[$0] }
    var widths = texts.map { $0.map { displayWidth($0) }.max() ?? 0 }
    let wholeWords = texts.map { $0.map(\.narrowestWrap).max() ?? 0 }
    let gaps = 2 * max(0, columns.count - 1)
    let isNumeric = columns.map(\.isNumeric)
    for least in [wholeWords, wholeWords.map { min($0, 8) }] {
      while widths.reduce(gaps, +) > limit {
        let words = columns.indices.filter { !isNumeric[$0] && widths[$0] > max(least[$0], 1) }
        guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { break }
        widths[widest] -= 1
      }
    }
    return widths
  }
}

extension String {
  /// The smallest width at which `wrapped` breaks no word.
  fileprivate var narrowestWrap: Int {
    let words = split(separator: " ")
    let first = words.first.map { displayWidth(leadingSpaces + $0) } ?? 0
    let indent = leadingSpaces.count + Self.indentation.count
    return words.dropFirst().reduce(first) { max($0, indent + displayWidth(String($1))) }
  }
}
