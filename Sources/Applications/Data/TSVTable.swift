public import EbbFiles
internal import EbbInterchange
internal import Foundation

/// A table of tab-separated values: one row per line, without quotes and escapes, so that texts may contain both.
public struct TSVTable: Hashable, Sendable {
  /// The file, or another name of the data, for messages.
  public let source: String
  /// The fields of each row.
  public let rows: [[String]]
  /// The line of the file for each row, from 1; empty lines are not rows.
  public let lines: [Int]

  /// Reads a file. Throws if it cannot be read, is not UTF-8, or a row does not have one field per column.
  ///
  /// - Parameters:
  ///   - path: The path of the file; `-` is standard input.
  ///   - columns: The names of a row's fields, for messages: `["text", "label"]`.
  public init(contentsOf path: String, columns: [String]) throws(FileError) {
    let data = try InputFile.bytes(path, expecting: "a file of tab-separated values")
    try self.init(bytes: data, source: path, columns: columns)
  }

  /// Reads a text.
  public init(_ text: String, source: String = "text", columns: [String]) throws(FileError) {
    try self.init(bytes: Data(text.utf8), source: source, columns: columns)
  }

  /// Reads line by line, so that a long file is in memory only once.
  private init(bytes: Data, source: String, columns: [String]) throws(FileError) {
    precondition(!columns.isEmpty, "a table has at least one column")
    var rows: [[String]] = []
    var lines: [Int] = []
    // A byte order mark is not part of the first field.
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    var number = 0
    // By bytes, because Swift treats a carriage return and a line feed as one character.
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var line = rest[rest.startIndex..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      number += 1
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.isEmpty { continue }
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        .compactMap { String(validating: $0, as: UTF8.self) }
      guard fields.count == line.count(where: { $0 == UInt8(ascii: "\t") }) + 1 else {
        throw FileError(source, line: number, "this is no UTF-8 text; lines of tab-separated values are expected")
      }
      guard fields.count == columns.count else {
        let named = columns.joined(separator: ", a tab, ")
        let column = fields.count < columns.count ? columns[fields.count] : "\(columns.count + 1)"
        throw FileError(
          source, line: number, column: column,
          "this row has \(fields.count == 1 ? "1 field" : "\(fields.count) fields"); a row is \(named)")
      }
      rows.append(fields)
      lines.append(number)
    }
    guard !rows.isEmpty else {
      throw FileError(source, "the file is empty; rows of \(columns.joined(separator: ", a tab, ")) are expected")
    }
    self.source = source
    self.rows = rows
    self.lines = lines
  }
}
