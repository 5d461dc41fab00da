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

  /// The indentation of continued lines.
  static let indentation = "  "

  var leadingSpaces: String { String(prefix { $0 == " " }) }

  /// Lines of at most `width` columns, broken at spaces; wider words are cut.
  func wrapped(to width: Int, indentation: String = Self.indentation) -> [String] {
    guard displayWidth(self) > width else { return [self] }
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      let indent = leadingSpaces + (lines.isEmpty ? "" : indentation)
      let longer = line.isEmpty ? indent + word : line + " " + word
      if line.isEmpty || displayWidth(longer) <= width {
        line = longer
      } else {
        lines.append(line.cut(to: width))
        line = leadingSpaces + indentation + word
      }
    }
    return lines + [line.cut(to: width)]
  }

  /// Without characters that would move the cursor or change the terminal's state.
  var printable: String { withoutControls() }
}

extension TerminalStyle {
  /// A chart's title, and below it the quantity of its vertical axis.
  func heading(_ title: String, _ quantity: String) -> [String] {
    [bold(title.printable.cut(to: width)), dim(quantity.printable.cut(to: width))]
  }

  /// A note below a chart, in as many lines as it needs.
  func note(_ text: String?) -> [String] { text.map { $0.wrapped(to: width, indentation: "").map(dim) } ?? [] }
}
