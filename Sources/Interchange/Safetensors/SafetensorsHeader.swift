/// Reads the header of a safetensors file: JSON of one fixed form, so that nothing nests deeper than the format does.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var type: String
    var shape: [Int]
    var start: Int
    var end: Int
  }

  /// More dimensions than any network has; the product of their lengths is still checked.
  static let maximumRank = 16

  private let bytes: ArraySlice<UInt8>
  private let source: String
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>, source: String) {
    self.bytes = bytes
    self.source = source
    position = bytes.startIndex
  }

  mutating func parse() throws(InterchangeError) -> (entries: [Entry], metadata: [String: String]) {
    var entries: [Entry] = []
    var metadata: [String: String]?
    var names: Set<String> = []
    guard next == UInt8(ascii: "{") else { throw failure("begins with \(described), and must begin with '{'") }
    try object { parser, name throws(InterchangeError) in
      guard names.insert(name).inserted else { throw parser.failure("the name \"\(name)\" is there twice") }
      if name == "__metadata__" {
        metadata = try parser.strings()
      } else {
        entries.append(try parser.entry(name))
      }
    }
    skipSpace()
    guard position == bytes.endIndex else { throw failure("\(described) after its end") }
    return (entries, metadata ?? [:])
  }

  /// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, in any order.
  private mutating func entry(_ name: String) throws(InterchangeError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key throws(InterchangeError) in
      switch key {
      case "dtype" where type == nil: type = try parser.string()
      case "shape" where shape == nil: shape = try parser.integers(atMost: Self.maximumRank)
      case "data_offsets" where offsets == nil: offsets = try parser.integers(atMost: 2)
      default: throw parser.failure("tensor \"\(name)\" has \"\(key)\", which is unknown or there twice")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw failure("tensor \"\(name)\" needs a dtype, a shape and two data_offsets")
    }
    return Entry(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
  }

  private mutating func strings() throws(InterchangeError) -> [String: String] {
    var strings: [String: String] = [:]
    try object { parser, key throws(InterchangeError) in
      guard strings[key] == nil else { throw parser.failure("the metadata \"\(key)\" is there twice") }
      strings[key] = try parser.string()
    }
    return strings
  }

  // MARK: JSON

  private mutating func object(
    _ member: (inout SafetensorsHeader, String) throws(InterchangeError) -> Void
  ) throws(InterchangeError) {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  private mutating func integers(atMost limit: Int) throws(InterchangeError) -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var values: [Int] = []
    repeat {
      guard values.count < limit else { throw failure("a list has more than \(limit) numbers") }
      values.append(try integer())
    } while take(",")
    try expect("]")
    return values
  }

  private mutating func integer() throws(InterchangeError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let digit = next, digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflow, !carry else { throw failure("a number is too large") }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("\(described) where a whole number of at least 0 is expected") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else { throw failure("a number begins with 0") }
    return value
  }

  private mutating func string() throws(InterchangeError) -> String {
    try expect("\"")
    var content: [UInt8] = []
    while true {
      guard let byte = next else { throw failure("a string does not end") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw failure("a string is no UTF-8") }
        return text
      case UInt8(ascii: "\\"): content += try escaped().utf8
      case 0..<0x20: throw failure("a control character in a string")
      default: content.append(byte)
      }
    }
  }

  private mutating func escaped() throws(InterchangeError) -> String {
    guard let byte = next else { throw failure("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      // A high surrogate needs the low one of the next escape.
      if UTF16.isLeadSurrogate(units[0]), next == UInt8(ascii: "\\") {
        position += 1
        guard next == UInt8(ascii: "u") else { throw failure("a lone surrogate in a string") }
        position += 1
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw failure("a lone surrogate in a string") }
      return text
    default: throw failure("an unknown escape in a string")
    }
  }

  private mutating func codeUnit() throws(InterchangeError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("an escape in a string needs four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  // MARK: Bytes

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(InterchangeError) {
    guard take(character) else { throw failure("\(described) where '\(character)' is expected") }
  }

  /// What stands at the position, for a message.
  private var described: String {
    guard let next else { return "the end" }
    return (0x21...0x7E).contains(next) ? "'\(Character(Unicode.Scalar(next)))'" : "the byte \(next)"
  }

  private func failure(_ message: String) -> InterchangeError {
    InterchangeError(source, "the header, at byte \(position - bytes.startIndex): \(message)")
  }
}
