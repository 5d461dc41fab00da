extension JSONReader {
  /// A string, with its escapes resolved.
  package mutating func string() throws(JSONError) -> String {
    try expect("\"")
    var text = ""
    var plainStart = position
    while true {
      guard let byte = next else { throw error("a string does not end") }
      switch byte {
      case UInt8(ascii: "\""):
        text += try utf8(plainStart..<position)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text += try utf8(plainStart..<position)
        text.unicodeScalars.append(try escapedScalar())
        plainStart = position
      case 0..<0x20: throw error("a control character in a string")
      default: position += 1
      }
    }
  }

  private func utf8(_ range: Range<Int>) throws(JSONError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw error("a string is no UTF-8", at: range.lowerBound)
    }
    return text
  }

  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    let start = position
    position += 1
    guard let byte = next else { throw error("a string does not end") }
    position += 1
    if byte == UInt8(ascii: "u") { return try codePoint(from: start) }
    let escapes: KeyValuePairs<Unicode.Scalar, Unicode.Scalar> = [
      "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
    ]
    guard let escape = escapes.first(where: { $0.key == Unicode.Scalar(byte) }) else {
      throw error("an unknown escape in a string", at: start)
    }
    return escape.value
  }

  /// Four hexadecimal digits, or a high and a low surrogate of four each.
  private mutating func codePoint(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal(from: start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\"), take("u") else { throw error("a lone surrogate in a string", at: start) }
    let second = try hexadecimal(from: start)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw error("a lone surrogate in a string", at: start) }
    return scalar
  }

  private mutating func hexadecimal(from start: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("an escape in a string needs four hexadecimal digits", at: start)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
