internal import EbbFiles

/// Splits a text into records of fields, byte by byte.
struct CSVReader {
  struct Record {
    var line: Int
    var fields: [String]
  }

  private let bytes: [UInt8]
  private let source: String
  /// The separator between fields; nil if a line is one field.
  private let separator: CSVFormat.Separator?
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8], source: String, separator: CSVFormat.Separator?) {
    self.bytes = bytes
    self.source = source
    self.separator = separator
    // A byte order mark is not part of the first name.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// All records. Empty lines at the end are ignored; those between others are records, so that a gap in a single
  /// column is noticed.
  mutating func records() throws(FileError) -> [Record] {
    var records: [Record] = []
    while position < bytes.count { records.append(try record()) }
    while let last = records.last, last.fields == [""] { records.removeLast() }
    return records
  }

  private mutating func record() throws(FileError) -> Record {
    var record = Record(line: line, fields: [])
    while true {
      record.fields.append(try field(column: record.fields.count + 1))
      guard position < bytes.count else { return record }
      let end = bytes[position]
      position += 1
      if end == separator?.byte { continue }
      if end == 0x0D, position < bytes.count, bytes[position] == 0x0A { position += 1 }
      line += 1
      return record
    }
  }

  /// A field up to the separator, the end of the line or the end of the text, which is not consumed.
  private mutating func field(column: Int) throws(FileError) -> String {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
      let start = position
      while position < bytes.count, !isEnd(bytes[position]) { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    let start = line
    position += 1
    var value: [UInt8] = []
    while true {
      guard position < bytes.count else {
        throw FileError(source, line: start, column: String(column), "the quote that begins this field is never closed")
      }
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") {
        guard position < bytes.count, bytes[position] == byte else { break }
        position += 1
      } else if byte == 0x0A {
        line += 1
      }
      value.append(byte)
    }
    guard position == bytes.count || isEnd(bytes[position]) else {
      throw FileError(
        source, line: line, column: String(column),
        "text after the closing quote; \(separator.map { "a \($0) or " } ?? "")the end of the line is expected, and a quote "
          + "inside is written \"\"")
    }
    return String(decoding: value, as: UTF8.self)
  }

  private func isEnd(_ byte: UInt8) -> Bool { byte == separator?.byte || byte == 0x0A || byte == 0x0D }
}

extension [UInt8] {
  /// The first line, from 1, that is no UTF-8 by itself; nil if there is none.
  var firstInvalidLine: Int? {
    let lines = split(separator: 0x0A, omittingEmptySubsequences: false)
    return lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }.map { $0 + 1 }
  }
}
