internal import Foundation

/// Where the equations of a document are: in the displays of Markdown, LaTeX and reStructuredText, under its headings; a
/// text without any display is equations as a whole.
struct EquationDocument {
  /// A part of the document under one heading.
  struct Section {
    /// Empty before the first heading.
    var title: String
    var ranges: [Range<Int>] = []
  }

  private(set) var sections = [Section(title: "")]

  /// All equations.
  var all: [Range<Int>] { sections.flatMap(\.ranges) }

  /// The equations under a heading; without one all, which then must stand under one.
  func ranges(under title: String?, _ source: EquationText) throws(EquationError) -> [Range<Int>] {
    let filled = sections.filter { !$0.ranges.isEmpty }
    let titles = filled.map(\.title).filter { !$0.isEmpty }.joined(separator: ", ")
    if let title {
      guard let found = filled.first(where: { $0.title.lowercased() == title.lowercased() }) else {
        throw source.error(at: 0, "no heading \(title) has equations; the headings are \(titles)")
      }
      return found.ranges
    }
    if filled.count > 1 {
      throw source.error(
        at: filled[1].ranges[0].lowerBound, "there are equations under several headings; choose one of \(titles)")
    }
    return all
  }

  /// The displays: what opens them and what closes them.
  private static let displays: [(open: String, close: String)] =
    [("$$", "$$"), ("\\[", "\\]"), ("```math", "```")]
    + ["align", "align*", "equation", "equation*", "gather", "gather*", "eqnarray", "eqnarray*", "multline"].map {
      ("\\begin{\($0)}", "\\end{\($0)}")
    }

  init(_ source: EquationText) {
    let text = source.characters
    var position = 0
    var startsLine = true
    while position < text.count {
      if let display = Self.displays.first(where: { text[position...].starts(with: $0.open) }) {
        let start = position + display.open.count
        let close = Array(display.close)
        let end = (start..<text.count).first { text[$0...].starts(with: close) } ?? text.count
        sections[sections.count - 1].ranges.append(start..<end)
        position = end + close.count
      } else if text[position...].starts(with: ".. math::") {
        let start = position + 9
        position = Self.endOfBlock(text, start)
        sections[sections.count - 1].ranges.append(start..<position)
        startsLine = true
      } else {
        if startsLine, let title = Self.heading(text[position...]) { sections.append(Section(title: title)) }
        startsLine = text[position].isNewline
        position += 1
      }
    }
    if all.isEmpty { sections = [Section(title: "", ranges: [0..<text.count])] }
  }

  /// Where the indented lines end that follow a directive of reStructuredText.
  private static func endOfBlock(_ text: [Character], _ start: Int) -> Int {
    let line = text[..<start].lastIndex(where: \.isNewline).map { $0 + 1 } ?? 0
    let indent = text[line...].prefix { $0.isWhitespace && !$0.isNewline }.count
    var position = text[start...].firstIndex(where: \.isNewline).map { $0 + 1 } ?? text.count
    while position < text.count {
      let rest = text[position...].prefix { !$0.isNewline }
      let spaces = rest.prefix(while: \.isWhitespace).count
      if spaces < rest.count, spaces <= indent { return position }
      position = min(text.count, rest.endIndex + 1)
    }
    return position
  }

  /// `## The title`
  private static func heading(_ rest: ArraySlice<Character>) -> String? {
    let marks = rest.prefix { $0 == "#" }.count
    guard (1...6).contains(marks), rest.dropFirst(marks).first == " " else { return nil }
    return String(rest.dropFirst(marks + 1).prefix { !$0.isNewline }).trimmingCharacters(in: .whitespaces)
  }
}
