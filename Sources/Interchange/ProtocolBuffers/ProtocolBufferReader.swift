internal import Foundation

/// Reads the fields of one message in the wire format of Protocol Buffers, one after the other.
///
/// Every size that the bytes claim is compared with the bytes that are there before anything is read or stored, and
/// nothing is copied but the numbers that a caller asks for.
struct ProtocolBufferReader {
  /// The value of a field, as its key says that it is encoded.
  enum Value {
    case varint(UInt64)
    case eightBytes(UInt64)
    case fourBytes(UInt32)
    /// A text, a message, or several numbers: the range of its bytes in the file.
    case counted(Range<Int>)
  }

  struct Field {
    var number: Int
    var value: Value
    /// The offset of its key in the file.
    var offset: Int
  }

  /// What is wrong with the bytes, and where.
  struct Problem: Error {
    var offset: Int
    var reason: String
  }

  /// The whole file; offsets count from its first byte.
  let data: Data
  private(set) var offset: Int
  private let end: Int

  /// A reader of the whole file.
  init(_ data: Data) { self.init(data, 0..<data.count) }

  /// A reader of the message in these bytes of the file.
  init(_ data: Data, _ range: Range<Int>) {
    self.data = data
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next field; nil at the end of the message.
  mutating func next() throws(Problem) -> Field? {
    guard offset < end else { return nil }
    let start = offset
    let key = try varint()
    let number = key >> 3
    guard number >= 1, number < 1 << 29 else {
      throw Problem(offset: start, reason: "a field has the number \(number); the numbers are 1 to 536870911")
    }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .eightBytes(data.integer(at: try taken(8), UInt64.self))
    case 2:
      let place = offset
      let count = try varint()
      guard count <= UInt64(end - offset) else {
        throw Problem(
          offset: place, reason: "field \(number) claims \(count) bytes, and \(end - offset) are left in its message")
      }
      let first = try taken(Int(count))
      value = .counted(first..<first + Int(count))
    case 5: value = .fourBytes(data.integer(at: try taken(4), UInt32.self))
    case let kind:
      throw Problem(offset: start, reason: "field \(number) is of kind \(kind); the kinds are 0, 1, 2 and 5")
    }
    return Field(number: Int(number), value: value, offset: start)
  }

  /// The numbers that follow each other in these bytes, seven bits to a byte.
  static func varints(_ data: Data, _ range: Range<Int>) throws(Problem) -> [UInt64] {
    var reader = ProtocolBufferReader(data, range)
    var numbers: [UInt64] = []
    while reader.offset < reader.end { numbers.append(try reader.varint()) }
    return numbers
  }

  /// The text in these bytes.
  static func text(_ data: Data, _ range: Range<Int>) throws(Problem) -> String {
    let bytes = data.part(from: range.lowerBound, count: range.count) ?? Data()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(offset: range.lowerBound, reason: "a text is not UTF-8")
    }
    return text
  }

  /// Moves past this many bytes; returns where they begin.
  private mutating func taken(_ count: Int) throws(Problem) -> Int {
    guard count <= end - offset else {
      throw Problem(offset: offset, reason: "the message ends within a field: \(count) bytes are needed")
    }
    defer { offset += count }
    return offset
  }

  private mutating func varint() throws(Problem) -> UInt64 {
    let start = offset
    var result: UInt64 = 0
    for shift in stride(from: 0, to: 64, by: 7) {
      guard offset < end else { throw Problem(offset: start, reason: "the message ends within a number") }
      let byte = data[data.startIndex + offset]
      offset += 1
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte & 0x80 == 0 { return result }
    }
    throw Problem(offset: start, reason: "a number has more than 64 bits")
  }
}
