extension JSONValue {
  /// How deeply arrays and objects may be nested: hostile input must not exhaust the stack.
  public static let maximumDepth = 256

  /// Reads a JSON text after RFC 8259, strictly: no comments, no trailing commas, no repeated keys, no number that a
  /// double cannot hold, no lone surrogate, nothing after the value.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads the bytes of a file; they must be UTF-8 without a byte order mark.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    reader.skipSpace()
    self = try reader.value()
    reader.skipSpace()
    guard reader.next == nil else { throw reader.error("\(reader.described) after the value") }
  }
}

extension JSONReader {
  /// Any value; a repeated key in an object is an error.
  fileprivate mutating func value() throws(JSONError) -> JSONValue {
    guard let next else { throw unexpected }
    switch next {
    case UInt8(ascii: "{"):
      var object = JSONObject()
      try self.object { reader, key throws(JSONError) in
        guard object[key.text] == nil else {
          throw reader.error("the key \"\(key.text)\" is there twice", at: key.position)
        }
        object[key.text] = try reader.value()
      }
      return .object(object)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try array { reader throws(JSONError) in elements.append(try reader.value()) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw unexpected
    }
  }

  private var unexpected: JSONError { error("\(described) where a value is expected") }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw unexpected }
    position += word.utf8.count
    return value
  }
}
