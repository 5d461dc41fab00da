internal import Foundation

/// The decimal mark of numbers. The other mark, a space or an apostrophe may then separate thousands: 50,345.58 and
/// 50.345,58 are the same number.
public enum DecimalMark: String, Hashable, Sendable, CaseIterable {
  /// A point, or a comma.
  case point, comma

  private var byte: UInt8 {
    switch self {
    case .point: UInt8(ascii: ".")
    case .comma: UInt8(ascii: ",")
    }
  }

  /// The number in a field, possibly surrounded by spaces; NaN and infinity are numbers too.
  func number(_ field: String) -> Double? {
    // Nearly all fields are plain.
    if self == .point, field.utf8.allSatisfy(Self.isPlain) { return Double(field) }
    let bytes = Self.trimmed(field)
    guard bytes.contains(where: { !Self.isPlain($0) }) || self == .comma && bytes.contains(UInt8(ascii: ".")) else {
      return Double(String(decoding: bytes, as: UTF8.self))
    }
    guard let shape = Shape(bytes) else {
      // Double also reads hexadecimal numbers, which are text in a table.
      let text = String(decoding: bytes, as: UTF8.self)
      return text.contains(where: { $0 == "x" || $0 == "X" }) ? nil : Double(text)
    }
    return shape.number(byte)
  }

  /// The decimal mark that a field must have; nil if it may be either or the field is not a number.
  static func evidence(_ field: String) -> DecimalMark? {
    guard hasMark(field), let shape = Shape(trimmed(field)) else { return nil }
    let isPoint = shape.number(Self.point.byte) != nil
    let isComma = shape.number(Self.comma.byte) != nil
    return isPoint == isComma ? nil : isPoint ? .point : .comma
  }

  /// Whether a field is a different number under each mark, like 1,234 and 1.234; if so, the mark it contains.
  static func doubt(_ field: String) -> DecimalMark? {
    guard hasMark(field), let shape = Shape(trimmed(field)), let a = shape.number(Self.point.byte),
      let b = shape.number(Self.comma.byte), a != b
    else { return nil }
    return shape.marks.contains(Self.comma.byte) ? .comma : .point
  }

  private static func hasMark(_ field: String) -> Bool {
    field.utf8.contains { $0 == point.byte || $0 == comma.byte }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func trimmed(_ field: String) -> [UInt8] {
    let bytes = field.utf8
    guard bytes.first.map({ $0 <= 32 || $0 > 127 }) == true || bytes.last.map({ $0 <= 32 || $0 > 127 }) == true else {
      return Array(bytes)
    }
    return Array(field.trimmingCharacters(in: .whitespaces).utf8)
  }
}

/// The parts of a possible number: digits in groups with marks between them.
private struct Shape {
  private var sign: [UInt8] = []
  /// Digits between the marks, one group more than there are marks.
  private var groups: [[UInt8]] = [[]]
  /// Points and commas as they are, every space and apostrophe as a space.
  private(set) var marks: [UInt8] = []
  private var exponent: [UInt8] = []

  /// Nil if it contains anything but digits and marks.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = [first]
      rest.removeFirst()
    }
    let space = UInt8(ascii: " ")
    // No-break space, narrow no-break space, right single quotation mark.
    let wide: [[UInt8]] = [[0xC2, 0xA0], [0xE2, 0x80, 0xAF], [0xE2, 0x80, 0x99]]
    while let byte = rest.first {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        groups[groups.count - 1].append(byte)
        rest.removeFirst()
        continue
      }
      if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
        exponent = Array(rest)
        break
      }
      if byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") {
        marks.append(byte)
        rest.removeFirst()
      } else if byte == space || byte == UInt8(ascii: "'") {
        marks.append(space)
        rest.removeFirst()
      } else if let mark = wide.first(where: { rest.starts(with: $0) }) {
        marks.append(space)
        rest.removeFirst(mark.count)
      } else {
        return nil
      }
      groups.append([])
    }
    let digits = exponent.dropFirst().drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    let isSound = exponent.isEmpty || exponent.count - 1 - digits.count <= 1 && !digits.isEmpty
    guard isSound, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      groups.contains(where: { !$0.isEmpty })
    else { return nil }
  }

  /// The number with this decimal mark; nil if other marks do not separate groups of three digits.
  func number(_ decimal: UInt8) -> Double? {
    var whole = groups
    var fraction: [UInt8]?
    var between = marks
    if between.last == decimal {
      fraction = whole.removeLast()
      between.removeLast()
    }
    guard between.allSatisfy({ $0 == between.first && $0 != decimal }) else { return nil }
    if !between.isEmpty {
      // No group of thousands begins with 0.
      guard exponent.isEmpty, (1...3).contains(whole[0].count), whole[0].first != UInt8(ascii: "0"),
        whole.dropFirst().allSatisfy({ $0.count == 3 })
      else { return nil }
    }
    let digits = whole.flatMap { $0 } + (fraction.map { [UInt8(ascii: ".")] + $0 } ?? [])
    return Double(String(decoding: sign + digits + exponent, as: UTF8.self))
  }
}
