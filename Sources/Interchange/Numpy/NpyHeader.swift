internal import EbbFiles

/// Reads the header of an npy file: a Python dictionary of a fixed form, so that nothing is evaluated or nested.
struct NpyHeader {
  /// More dimensions than NumPy has.
  static let maximumRank = 64

  private let bytes: [UInt8]
  private let source: String
  private var position = 0

  init(_ bytes: [UInt8], source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, in any order, then spaces and a newline.
  mutating func parse() throws(FileError) -> (type: String, isColumnMajor: Bool, shape: [Int]) {
    var type: String?
    var isColumnMajor: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil:
        if peek == UInt8(ascii: "[") { throw failure("the elements are records, and must be numbers") }
        type = try string()
      case "fortran_order" where isColumnMajor == nil: isColumnMajor = try truth()
      case "shape" where shape == nil: shape = try lengths()
      default: throw failure("\"\(key)\" is unknown or there twice")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard peek == nil else { throw failure("there is more after its end") }
    guard let type, let isColumnMajor, let shape else { throw failure("needs descr, fortran_order and shape") }
    return (type, isColumnMajor, shape)
  }

  /// The next byte that is no space.
  private var peek: UInt8? {
    mutating get {
      while position < bytes.count, [0x20, 0x0A, 0x09, 0x0D].contains(bytes[position]) { position += 1 }
      return position < bytes.count ? bytes[position] : nil
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(FileError) {
    guard take(character) else { throw failure("'\(character)' is expected") }
  }

  /// A string without escapes, in either kind of quotes.
  private mutating func string() throws(FileError) -> String {
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("a string is expected")
    }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote) else { throw failure("a string does not end") }
    let content = bytes[start..<end]
    guard content.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw failure("a string has an escape or is not ASCII")
    }
    position = end + 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func truth() throws(FileError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] {
      if peek != nil, bytes[position...].starts(with: word.utf8) {
        position += word.utf8.count
        return value
      }
    }
    throw failure("True or False is expected")
  }

  /// (), (2,) or (2, 3).
  private mutating func lengths() throws(FileError) -> [Int] {
    try expect("(")
    var values: [Int] = []
    while !take(")") {
      guard values.count < Self.maximumRank else { throw failure("more than \(Self.maximumRank) dimensions") }
      values.append(try integer())
      if take(",") { continue }
      guard values.count > 1 else { throw failure("a shape of one number ends with a comma") }
      try expect(")")
      break
    }
    return values
  }

  private mutating func integer() throws(FileError) -> Int {
    guard peek != nil else { throw failure("a whole number is expected") }
    let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty else { throw failure("a whole number of at least 0 is expected") }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw failure("a number is too large") }
    position = digits.endIndex
    return value
  }

  private func failure(_ message: String) -> FileError {
    FileError(source, "the header, at byte \(position): \(message)")
  }
}
