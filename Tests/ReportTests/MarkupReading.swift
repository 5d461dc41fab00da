import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What an XML parser says about `text`; `nil` if it is well-formed.
func xmlProblem(_ text: String) -> String? {
  let parser = XMLParser(data: Data(text.utf8))
  if parser.parse() { return nil }
  return "line \(parser.lineNumber), column \(parser.columnNumber): \(String(describing: parser.parserError))"
}

/// The values of the attribute `name`, in order.
func attributes(_ name: String, in text: String) -> [String] {
  text.components(separatedBy: " \(name)=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
}

/// The numbers in the description of a path.
func pathNumbers(_ description: String) -> [Double] {
  description.split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
}
