extension JSONValue {
  /// How deeply arrays and objects may be nested: hostile input must not exhaust the stack.
  public static let maximumDepth = 256

  /// Reads a JSON text after RFC 8259, strictly: no comments, no trailing commas, no key twice, no number that a
  /// double cannot hold, no lone surrogate, nothing after the value.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads the bytes of a file; they must be UTF-8 without a byte order mark.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var parser = JSONParser(bytes)
    self = try parser.document()
  }
}

/// One byte of look-ahead over UTF-8.
struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() throws(JSONError) -> JSONValue {
    skipSpace()
    let value = try value()
    skipSpace()
    if position < bytes.count { throw error("unexpected \(described(position)) after the value") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    guard let byte = next else { throw error("expected a value, found the end of the text") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error("expected a value, found \(described(position))")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < JSONValue.maximumDepth else {
      throw error("nested more than \(JSONValue.maximumDepth) deep")
    }
    depth += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    position += 1
    var object = JSONObject()
    skipSpace()
    if take("}") { return .object(object) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes, found \(described(position))") }
      let start = position
      let key = try string()
      if object[key] != nil { throw error("the key \"\(key)\" is already there", at: start) }
      skipSpace()
      guard take(":") else { throw error("expected ':' after the key, found \(described(position))") }
      skipSpace()
      object[key] = try value()
      skipSpace()
    } while take(",")
    guard take("}") else { throw error("expected ',' or '}', found \(described(position))") }
    return .object(object)
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    repeat {
      skipSpace()
      elements.append(try value())
      skipSpace()
    } while take(",")
    guard take("]") else { throw error("expected ',' or ']', found \(described(position))") }
    return .array(elements)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw error("expected a value, found \(described(position))")
    }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    if let next, isDigit(next) { throw error("a number may not start with 0", at: start) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, text != "-0", let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw error("the number \(text) is too large for a double", at: start)
    }
    return .number(double)
  }

  private mutating func digits() throws(JSONError) {
    guard let first = next, isDigit(first) else { throw error("expected a digit, found \(described(position))") }
    while let digit = next, isDigit(digit) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }
}
