internal import EbbFiles
internal import EbbMarkup

/// Reads the header of a safetensors file: JSON of a fixed form, so that nothing nests deeper than the format.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var type: String
    var shape: [Int]
    var start: Int
    var end: Int
  }

  /// More dimensions than any network has; the product of their lengths is checked anyway.
  static let maximumRank = 16

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  init(_ bytes: [UInt8], source: String) throws(FileError) {
    do {
      var reader = JSONReader(bytes)
      try read(&reader)
    } catch {
      throw FileError(source, "the header, at byte \(error.offset): \(error.reason)")
    }
  }

  private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
    var names: Set<String> = []
    guard reader.next == UInt8(ascii: "{") else {
      throw reader.error("begins with \(reader.described), and must begin with '{'")
    }
    try reader.object { reader, key throws(JSONError) in
      let name = key.text
      guard names.insert(name).inserted else {
        throw reader.error("the name \"\(name)\" is there twice", at: key.position)
      }
      if name == "__metadata__" {
        metadata = try Self.strings(&reader)
      } else {
        entries.append(try Self.entry(name, &reader))
      }
    }
    reader.skipSpace()
    guard reader.next == nil else { throw reader.error("\(reader.described) after its end") }
  }

  /// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, in any order.
  private static func entry(_ name: String, _ reader: inout JSONReader) throws(JSONError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try reader.object { reader, key throws(JSONError) in
      switch key.text {
      case "dtype" where type == nil: type = try reader.string()
      case "shape" where shape == nil: shape = try integers(&reader, atMost: maximumRank)
      case "data_offsets" where offsets == nil: offsets = try integers(&reader, atMost: 2)
      default:
        throw reader.error(
          "tensor \"\(name)\" has \"\(key.text)\", which is unknown or there twice", at: key.position)
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw reader.error("tensor \"\(name)\" needs a dtype, a shape and two data_offsets")
    }
    return Entry(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
  }

  private static func strings(_ reader: inout JSONReader) throws(JSONError) -> [String: String] {
    var strings: [String: String] = [:]
    try reader.object { reader, key throws(JSONError) in
      guard strings[key.text] == nil else {
        throw reader.error("the metadata \"\(key.text)\" is there twice", at: key.position)
      }
      strings[key.text] = try reader.string()
    }
    return strings
  }

  private static func integers(_ reader: inout JSONReader, atMost limit: Int) throws(JSONError) -> [Int] {
    var values: [Int] = []
    try reader.array { reader throws(JSONError) in
      guard values.count < limit else { throw reader.error("a list has more than \(limit) numbers") }
      values.append(try reader.wholeNumber())
    }
    return values
  }
}
