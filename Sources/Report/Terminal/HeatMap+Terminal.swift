internal import EbbMarkup

extension HeatMap {
  func terminalLines(_ style: TerminalStyle, rows maximumRows: Int) -> [String] {
    let nameWidth = min(style.width / 3, rowLabels(Array(0..<rows)).map { displayWidth($0) }.max() ?? 0)
    let room = max(4, style.width - nameWidth - 2)
    // A coloured cell is half a line high; a plain one is a whole line.
    let lineHeight = style.usesColor && rowNames.isEmpty ? 2 : 1
    let bins = Binning(self, maximumRows: maximumRows * lineHeight, maximumColumns: room)
    let scale = colorScale
    // Narrow maps use several characters per cell to make cells square: a character is about half as wide as high.
    let cellWidth = max(1, min(lineHeight == 2 ? 1 : 2, room / max(1, bins.columns)))
    var lines = style.heading(title, y.title)
    for top in stride(from: 0, to: bins.rows, by: lineHeight) {
      let label = rowLabels([top * bins.rowsPerBlock])[0].cut(to: nameWidth)
      let isLabelled = !rowNames.isEmpty || top / lineHeight % 4 == 0
      var line = style.dim((isLabelled ? label : "").padded(to: nameWidth, alignedRight: true)) + " "
      for column in 0..<bins.columns {
        let upper = scale.fraction(of: bins.values[top * bins.columns + column])
        if lineHeight == 2 {
          let lower =
            top + 1 < bins.rows ? scale.fraction(of: bins.values[(top + 1) * bins.columns + column]) : nil
          line += halfBlocks(upper, lower, colorMap)
        } else if style.usesColor {
          let cell = String(repeating: upper == nil ? "·" : "█", count: cellWidth)
          line += upper.map { style.painted(cell, colorMap.terminalColor(at: $0)) } ?? style.dim(cell)
        } else {
          line += String(repeating: shade(upper), count: cellWidth)
        }
      }
      lines.append(line)
    }
    let indent = String(repeating: " ", count: nameWidth + 1)
    lines.append(indent + style.dim(columnLine(width: bins.columns * cellWidth).cut(to: room)))
    lines.append(scaleLine(scale, style))
    return lines + style.note(Omissions(values, on: scale).note) + style.note(bins.note)
  }

  private func rowLabels(_ rows: [Int]) -> [String] {
    rows.map { rowNames.isEmpty ? exactText(firstRow + Double($0)) : rowNames[$0].printable }
  }

  /// The first and the last column number at the ends, the axis title between them if it fits.
  private func columnLine(width: Int) -> String {
    let first = exactText(firstColumn)
    let last = exactText(firstColumn + Double(max(0, columns - 1)))
    let title = x.title.printable
    let space = width - first.count - last.count - displayWidth(title)
    guard space >= 2 else { return "\(first)…\(last) \(title)" }
    let left = String(repeating: " ", count: space / 2)
    return first + left + title + String(repeating: " ", count: space - space / 2) + last
  }

  /// The colours from the lowest to the highest value.
  private func scaleLine(_ scale: AxisScale, _ style: TerminalStyle) -> String {
    let low = NumeralStyle.ascii.text(scale.low, digits: 3)
    let high = NumeralStyle.ascii.text(scale.high, digits: 3)
    let kind = scale.kind == .log10 ? ", log scale" : ""
    let steps = max(2, min(16, style.width - low.count - high.count - 2))
    let bar = (0..<steps).map { step in
      let place = Double(step) / Double(steps - 1)
      return style.usesColor ? style.painted("█", colorMap.terminalColor(at: place)) : String(shade(place))
    }
    let left = style.width - low.count - high.count - steps - 4
    let title = left > 0 ? "  " + (value.title.printable + kind).cut(to: left) : ""
    return "\(low) \(bar.joined()) \(high)" + title
  }
}

/// Ten characters from little to much ink; a raised dot for a missing value.
private func shade(_ fraction: Double?) -> Character {
  guard let fraction else { return "·" }
  let ramp = Array(" .:-=+*#%@")
  return ramp[min(ramp.count - 1, Int(fraction * Double(ramp.count)))]
}

/// Two cells, one above the other, in one character: "▀" has the upper colour before the lower one.
private func halfBlocks(_ upper: Double?, _ lower: Double?, _ map: ColorMap) -> String {
  let missing = 236
  let foreground = upper.map { map.terminalColor(at: $0) } ?? missing
  let background = lower.map { map.terminalColor(at: $0) } ?? missing
  return "\u{1B}[38;5;\(foreground);48;5;\(background)m▀\u{1B}[0m"
}
