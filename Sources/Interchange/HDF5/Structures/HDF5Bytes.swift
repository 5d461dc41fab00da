internal import EbbFiles
internal import Foundation

/// The bytes of an HDF5 file, with the sizes of its addresses and lengths.
struct HDF5Bytes {
  let bytes: Data
  let source: String
  /// Bytes of an address: 2, 4 or 8.
  var addressSize = 8
  /// Bytes of a length: 2, 4 or 8.
  var lengthSize = 8

  init(_ bytes: Data, source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// Reads from an address; `end` is the end of the file unless given.
  func cursor(at position: Int, end: Int? = nil, _ what: String) throws(FileError) -> HDF5Cursor {
    let end = end ?? bytes.count
    guard position >= 0, position <= end, end <= bytes.count else {
      throw FileError(
        source, "\(what): it is said to be at byte \(position), and the file has \(bytes.count): damaged or cut off")
    }
    return HDF5Cursor(file: self, position: position, end: end, what: what)
  }

  /// Reads this many bytes from an address; they must exist.
  func cursor(at position: Int, count: Int, _ what: String) throws(FileError) -> HDF5Cursor {
    guard count >= 0, position >= 0, count <= bytes.count, position <= bytes.count - count else {
      throw FileError(
        source,
        "\(what): it is said to take \(count) bytes from byte \(position), and the file has \(bytes.count): damaged "
          + "or cut off")
    }
    return HDF5Cursor(file: self, position: position, end: position + count, what: what)
  }
}

/// A part of a file, read from left to right. Every read checks that its bytes exist; numbers are little-endian.
struct HDF5Cursor {
  let file: HDF5Bytes
  private(set) var position: Int
  let end: Int
  /// The structure and its object, for messages: `the header of /layers/lstm`.
  let what: String

  init(file: HDF5Bytes, position: Int, end: Int, what: String) {
    (self.file, self.position, self.end, self.what) = (file, position, end, what)
  }

  var remaining: Int { end - position }

  mutating func bytes(_ count: Int) throws(FileError) -> Data {
    guard count >= 0, count <= remaining, let part = file.bytes.part(from: position, count: count) else {
      throw failure("\(count) bytes are needed where \(remaining) are left")
    }
    position += count
    return part
  }

  mutating func skip(_ count: Int) throws(FileError) { _ = try bytes(count) }

  mutating func byte() throws(FileError) -> Int { Int(try bits(1)) }
  mutating func short() throws(FileError) -> Int { Int(try bits(2)) }
  mutating func word() throws(FileError) -> Int { Int(try bits(4)) }

  /// An unsigned number of this many bytes, at most 8.
  mutating func bits(_ count: Int) throws(FileError) -> UInt64 {
    try bytes(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// An unsigned number of this many bytes as Int.
  mutating func number(_ count: Int) throws(FileError) -> Int {
    let start = position
    let value = try bits(count)
    guard let number = Int(exactly: value) else { throw failure("the number \(value) is too large", at: start) }
    return number
  }

  /// A length or size.
  mutating func length() throws(FileError) -> Int { try number(file.lengthSize) }

  /// An address; nil if it is the one that stands for none.
  mutating func address() throws(FileError) -> Int? { try number(orNone: file.addressSize, "address") }

  /// A number of this many bytes; nil for the largest one.
  mutating func number(orNone count: Int, _ word: String = "length") throws(FileError) -> Int? {
    let start = position
    let value = try bits(count)
    if value == UInt64.max >> UInt64(64 - 8 * count) { return nil }
    guard let number = Int(exactly: value) else { throw failure("the \(word) \(value) is too large", at: start) }
    return number
  }

  /// The bytes up to a zero, which is skipped too.
  mutating func text() throws(FileError) -> String {
    let start = position
    let rest = file.bytes[(file.bytes.startIndex + position)..<(file.bytes.startIndex + end)]
    guard let zero = rest.firstIndex(of: 0) else { throw failure("a name does not end") }
    guard let text = String(validating: rest[..<zero], as: UTF8.self) else {
      throw failure("a name is not UTF-8", at: start)
    }
    position = zero + 1 - file.bytes.startIndex
    return text
  }

  /// Text of this many bytes.
  mutating func text(_ count: Int) throws(FileError) -> String {
    let start = position
    guard let text = String(validating: try bytes(count), as: UTF8.self) else {
      throw failure("a name is not UTF-8", at: start)
    }
    return text
  }

  mutating func expect(_ signature: String) throws(FileError) {
    let start = position
    guard try bytes(signature.utf8.count).elementsEqual(signature.utf8) else {
      throw failure("it does not begin with \(signature)", at: start)
    }
  }

  mutating func expectVersion(_ versions: ClosedRange<Int>, of part: String) throws(FileError) -> Int {
    let start = position
    let version = try byte()
    guard versions.contains(version) else {
      let known = versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound) to \(versions.upperBound)"
      throw failure("\(part) has the version \(version); what is read here is \(known)", at: start)
    }
    return version
  }

  /// Skips up to a multiple of 8 bytes from `start`.
  mutating func align(from start: Int) throws(FileError) { try skip((8 - (position - start) % 8) % 8) }

  /// A part of this many bytes to be read on its own, which is skipped.
  mutating func part(_ count: Int) throws(FileError) -> HDF5Cursor {
    let start = position
    try skip(count)
    return HDF5Cursor(file: file, position: start, end: start + count, what: what)
  }

  /// Throws unless the next four bytes are the checksum of those from `start` to here.
  mutating func expectChecksum(from start: Int) throws(FileError) {
    guard let part = file.bytes.part(from: start, count: position - start) else { throw failure("is cut off") }
    let place = position
    guard try bits(4) == UInt64(HDF5Checksum.lookup3(part)) else {
      throw failure("its checksum does not hold: damaged", at: place)
    }
  }

  func failure(_ message: String, at place: Int? = nil) -> FileError {
    FileError(file.source, "\(what), at byte \(place ?? position): \(message)")
  }
}
