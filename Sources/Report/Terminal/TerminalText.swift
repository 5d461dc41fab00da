internal import EbbMarkup

extension String {
  /// Padded with spaces to `width` columns of a terminal.
  func padded(to width: Int, alignedRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - displayWidth(self)))
    return alignedRight ? space + self : self + space
  }

  /// Cut to `width` columns, with an ellipsis if anything was cut.
  func cut(to width: Int) -> String {
    guard displayWidth(self) > width else { return self }
    guard width > 0 else { return "" }
    var result = ""
    var used = 0
    for character in self {
      let next = displayWidth(character)
      if used + next > width - 1 { break }
      result.append(character)
      used += next
    }
    return result + "…"
  }

  /// Without characters that would move the cursor or change the terminal's state.
  var printable: String { withoutControls() }
}

extension TerminalStyle {
  /// A chart's title, and below it the quantity of its vertical axis.
  func heading(_ title: String, _ quantity: String) -> [String] {
    [bold(title.printable.cut(to: width)), dim(quantity.printable.cut(to: width))]
  }
}

/// `text` in lines of at most `width` columns, broken at spaces.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = String(word)
    } else if displayWidth(line) + 1 + displayWidth(String(word)) <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines.map { $0.cut(to: width) }
}
