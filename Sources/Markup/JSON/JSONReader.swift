/// Reads JSON after RFC 8259 from the UTF-8 of a text, from left to right, with one byte of look-ahead.
///
/// It reads texts of a known form: the caller asks for the value it expects next, and anything else is an error with
/// its place. `JSONValue(parsing:)` builds on it to read texts of any form.
package struct JSONReader {
  let bytes: [UInt8]
  package internal(set) var position = 0
  private var depth = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The byte at the position; nil at the end.
  package var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// A member's name and where it begins.
  package struct Key {
    package let text: String
    /// In bytes.
    package let position: Int
  }

  /// An object. The closure reads the value of each member, and decides which keys are allowed.
  package mutating func object(
    _ member: (inout JSONReader, Key) throws(JSONError) -> Void
  ) throws(JSONError) {
    try nested("{", "}") { reader throws(JSONError) in
      reader.skipSpace()
      let position = reader.position
      let key = try reader.string()
      try reader.expect(":")
      reader.skipSpace()
      try member(&reader, Key(text: key, position: position))
    }
  }

  /// An array. The closure reads each element.
  package mutating func array(_ element: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
    try nested("[", "]") { reader throws(JSONError) in
      reader.skipSpace()
      try element(&reader)
    }
  }

  private mutating func nested(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ item: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    let start = position
    try expect(open)
    guard depth < JSONValue.maximumDepth else {
      throw error("nested more than \(JSONValue.maximumDepth) deep", at: start)
    }
    depth += 1
    skipSpace()
    if !take(close) {
      repeat {
        try item(&self)
        skipSpace()
      } while take(",")
      try expect(close)
    }
    depth -= 1
  }

  // MARK: Bytes

  /// Skips spaces and line ends.
  package mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Skips this character if it comes next; returns whether it did.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Skips spaces and this character.
  mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    skipSpace()
    guard take(character) else { throw error("\(described) where '\(character)' is expected") }
  }

  // MARK: Errors

  /// The byte at the position, for a message.
  package var described: String {
    guard let next else { return "the end" }
    if next == 0x20 { return "a space" }
    if next == 0x0A || next == 0x0D { return "the end of the line" }
    if (0x21...0x7E).contains(next) { return "'\(Character(Unicode.Scalar(next)))'" }
    return "the byte 0x" + String(next, radix: 16, uppercase: true)
  }

  /// An error at this place, in bytes, or at the position.
  package func error(_ reason: String, at place: Int? = nil) -> JSONError {
    let place = min(place ?? position, bytes.count)
    let before = bytes[..<place]
    let line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // Continuation bytes 10xxxxxx do not begin a scalar.
    let column = bytes[lineStart..<place].count { $0 & 0xC0 != 0x80 } + 1
    return JSONError(reason: reason, offset: place, line: line, column: column)
  }
}
