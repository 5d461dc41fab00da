internal import EbbMarkup

/// The lines of a text that is broken between words to fit a width.
///
/// Fonts differ: some are a tenth wider than the one that is measured here.
func wrappedLines(_ text: String, width: Double, size: Double) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, textWidth(last + " " + word, size: size) * 1.12 <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}

/// The remarks under a chart, broken into lines.
struct Notes: Sendable, Hashable {
  let lines: [String]

  init(_ notes: [String?], _ options: ChartDrawingOptions) {
    lines = notes.compactMap { $0 }.flatMap {
      wrappedLines($0, width: options.width - 2 * Spacing.edge, size: Spacing.tickSize)
    }
  }

  var height: Double { Double(lines.count) * 16 }
}

extension SVGCanvas {
  /// Remarks whose last line ends at the lower edge.
  mutating func notes(_ notes: Notes) {
    for (index, line) in notes.lines.enumerated() {
      text("note", line, at: Point(x: Spacing.edge, y: height - 6 - Double(notes.lines.count - 1 - index) * 16))
    }
  }
}
