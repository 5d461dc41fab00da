extension DataTable {
  /// The table as comma-separated values after RFC 4180, with a header line and every digit of each number.
  ///
  /// Missing cells are empty; NaN and infinities are `NaN`, `inf` and `-inf`.
  public var csv: String {
    var text = columns.map { csvField($0.title) }.joined(separator: ",") + "\n"
    for row in 0..<rowCount {
      var isFirst = true
      for column in columns {
        if !isFirst { text += "," }
        isFirst = false
        switch column.cells[row] {
        case .text(let value): text += csvField(value)
        case .number(let value): text += exactText(value)
        case .missing: break
        }
      }
      text += "\n"
    }
    return text
  }
}

/// A field, in quotes if it holds a character that would end it.
private func csvField(_ text: String) -> String {
  let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
  guard needsQuotes else { return text }
  return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

/// The shortest text that reads back as the same number; whole numbers without a fraction.
func exactText(_ value: Double) -> String {
  guard value.isFinite else { return NumeralStyle.ascii.nonFinite(value) }
  if value == value.rounded(), value.magnitude < 1e15, !(value == 0 && value.sign == .minus) {
    return String(Int(value))
  }
  return String(value)
}
