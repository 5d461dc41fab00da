internal import EbbMarkup

extension BarChart {
  func terminalLines(_ style: TerminalStyle, rows _: Int) -> [String] {
    let scale = self.scale
    let nameWidth = min(style.width / 3, categories.map { displayWidth($0.printable) }.max() ?? 0)
    let numbers = groups.map { group in group.values.map { NumeralStyle.ascii.text($0, digits: 3) } }
    let numberWidth = numbers.flatMap { $0 }.map(\.count).max() ?? 0
    let letterWidth = groups.count > 1 && !style.usesColor ? 2 : 0
    let room = max(1, style.width - nameWidth - numberWidth - letterWidth - 3)
    var lines = style.heading(title, value.title)
    for (row, category) in categories.enumerated() {
      for (index, group) in groups.enumerated() {
        let name = (index == 0 ? category.printable : "").cut(to: nameWidth).padded(to: nameWidth, alignedRight: true)
        let letter = letterWidth > 0 ? "\(seriesLetter(index)) " : ""
        let bar = horizontalBar(group.values[row], scale, columns: room)
        lines.append(
          "\(name) \(letter)" + style.painted(bar, SeriesPalette.terminalColor(index)) + " " + numbers[index][row])
      }
    }
    if groups.count > 1 { lines += terminalLegend(groups.map(\.name), style, symbol: "█") }
    return lines + terminalLegend(references, style)
  }
}

extension Histogram {
  func terminalLines(_ style: TerminalStyle, rows _: Int) -> [String] {
    let scale = scales.y
    let starts = edges.map { NumeralStyle.ascii.text($0, digits: 3) }
    let startWidth = starts.map(\.count).max() ?? 0
    let numberWidth = counts.map { String($0).count }.max() ?? 0
    let room = max(1, style.width - 2 * startWidth - numberWidth - 6)
    var lines = style.heading(title, value.title)
    for (bin, count) in counts.enumerated() {
      let start = starts[bin].padded(to: startWidth, alignedRight: true)
      let range = start + " … " + starts[bin + 1].padded(to: startWidth)
      let bar = horizontalBar(Double(count), scale, columns: room)
      lines.append("\(range) " + style.painted(bar, SeriesPalette.terminalColor(0)) + " \(count)")
    }
    return lines + terminalLegend(references, style) + style.note(note)
  }
}

/// A bar from the scale's origin (zero, or the lower end of a logarithmic scale), in eighths of a column.
///
/// If the scale includes negative values, bars of both signs start in the middle of the line and have whole columns.
private func horizontalBar(_ value: Double, _ scale: AxisScale, columns: Int) -> String {
  guard let place = scale.fraction(of: value) else { return "" }
  let origin = scale.kind != .log10 ? scale.fraction(of: 0) ?? 0 : 0
  if origin > 0 {
    let from = Int((min(place, origin) * Double(columns)).rounded())
    let to = Int((max(place, origin) * Double(columns)).rounded())
    return String(repeating: " ", count: from) + String(repeating: "█", count: to - from)
  }
  let eighths = Int((place * Double(columns) * 8).rounded())
  let blocks = Array("▏▎▍▌▋▊▉")
  let whole = String(repeating: "█", count: eighths / 8)
  return eighths % 8 == 0 ? whole : whole + String(blocks[eighths % 8 - 1])
}
