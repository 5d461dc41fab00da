/// Text as XML and HTML write it: markup characters as entities, ends of lines as spaces, and characters that XML
/// forbids as U+FFFD.
package func xmlEscaped(_ text: String) -> String {
  text.writing([
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;", "\t": " ", "\n": " ", "\r": " ",
  ]) { isAllowedInXML($0) ? nil : "\u{FFFD}" }
}

/// XML 1.0, production 2 (Char), without the C1 controls that it discourages.
private func isAllowedInXML(_ scalar: Unicode.Scalar) -> Bool {
  let value = scalar.value
  return (0x20...0x7E).contains(value) || (0xA0...0xD7FF).contains(value) || (0xE000...0xFFFD).contains(value)
    || value >= 0x10000
}

/// Attributes in the order in which they are written; those that are nil are left out.
package typealias XMLAttributes = KeyValuePairs<String, String?>

/// The attributes, each after a space, with their values escaped.
package func xmlText(_ attributes: XMLAttributes) -> String {
  attributes.map { key, value in value.map { " \(key)=\"\(xmlEscaped($0))\"" } ?? "" }.joined()
}

/// An element. Values of attributes are escaped; the content is markup; without content the element is empty.
package func xmlElement(_ name: String, _ attributes: XMLAttributes, content: String? = nil) -> String {
  "<\(name)\(xmlText(attributes))" + (content.map { ">\($0)</\(name)>" } ?? "/>")
}
