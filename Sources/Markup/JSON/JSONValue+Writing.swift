extension JSONValue {
  /// The value as JSON text: the shortest numbers that read back as the same doubles, members in their order.
  ///
  /// - Parameter indented: breaks lines and indents by two spaces; arrays of plain numbers stay on one line.
  public func text(indented: Bool = true) -> String {
    var text = ""
    write(to: &text, depth: 0, indented: indented)
    if indented { text += "\n" }
    return text
  }

  private func write(to text: inout String, depth: Int, indented: Bool) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += numberText(value)
    case .string(let value): text += jsonString(value)
    case .array(let elements):
      let onOneLine = !indented || elements.allSatisfy(\.isScalar)
      writeList(elements, "[", "]", to: &text, depth: depth, onOneLine: onOneLine, spaced: indented) { element, text in
        element.write(to: &text, depth: depth + 1, indented: indented)
      }
    case .object(let object):
      writeList(object.members, "{", "}", to: &text, depth: depth, onOneLine: !indented, spaced: indented) {
        member, text in
        text += jsonString(member.key)
        text += indented ? ": " : ":"
        member.value.write(to: &text, depth: depth + 1, indented: indented)
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .null, .bool, .integer, .number, .string: true
    case .array, .object: false
    }
  }
}

private func writeList<Element>(
  _ elements: [Element], _ open: String, _ close: String, to text: inout String, depth: Int, onOneLine: Bool,
  spaced: Bool, element write: (Element, inout String) -> Void
) {
  text += open
  let newLine = "\n" + String(repeating: "  ", count: depth + 1)
  for (index, element) in elements.enumerated() {
    if index > 0 { text += onOneLine && spaced ? ", " : "," }
    if !onOneLine { text += newLine }
    write(element, &text)
  }
  if !onOneLine && !elements.isEmpty { text += "\n" + String(repeating: "  ", count: depth) }
  text += close
}

/// Swift's description of a double is the shortest decimal that reads back the same, and valid JSON when finite.
private func numberText(_ value: Double) -> String {
  if value.isNaN { return "\"NaN\"" }
  if value.isInfinite { return value < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
  return value.description
}

/// A string as JSON writes it, in its quotes.
package func jsonString(_ string: String) -> String {
  let content = string.writing([
    "\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t",
  ]) { scalar in
    // The two separators are valid JSON but end a line in older JavaScript.
    let isControl = scalar.value < 0x20 || scalar.value == 0x7F
    guard isControl || scalar == "\u{2028}" || scalar == "\u{2029}" else { return nil }
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }
  return "\"\(content)\""
}
