public import EbbFiles
internal import EbbInterchange
internal import Foundation

/// A table of values separated by commas, semicolons or tabs (RFC 4180). Quoted fields may contain separators, line
/// breaks and doubled quotes.
///
/// Everything is read as text; `numbers(inColumn:)` converts a column to numbers. Anything that the format leaves open
/// is detected from the text, and `notes` lists doubtful cases.
public struct CSVTable: Hashable, Sendable {
  /// The file, or another name of the data, for messages.
  public let source: String
  /// The names of the columns; nil if the first row is data.
  public let header: [String]?
  /// The rows below the header.
  public let rows: [[String]]
  /// The line of the file on which each row begins, from 1.
  public let lines: [Int]
  /// How many fields each row has.
  public let columnCount: Int
  /// The format that was used; the decimal mark is nil if each column determines its own.
  public let format: CSVFormat
  /// Ambiguities in the text, one sentence each without its full stop.
  public let notes: [String]

  /// Reads a file. Throws if it cannot be read, is not UTF-8, is empty, or a row has a different number of fields.
  public init(contentsOf path: String, format: CSVFormat = CSVFormat()) throws(FileError) {
    let data = try InputFile.bytes(path, expecting: "a CSV file")
    try self.init(Array(data), source: path, format: format)
  }

  /// Reads a text.
  public init(_ text: String, source: String = "text", format: CSVFormat = CSVFormat()) throws(FileError) {
    try self.init(Array(text.utf8), source: source, format: format)
  }

  private init(_ bytes: [UInt8], source: String, format: CSVFormat) throws(FileError) {
    try Self.checkText(bytes, source)
    let separator = format.separator(of: bytes)
    var reader = CSVReader(bytes, source: source, separator: separator)
    var records = try reader.records()
    guard let first = records.first else { throw FileError(source, "the file is empty; rows of numbers are expected") }
    columnCount = first.fields.count
    for record in records where record.fields.count != columnCount {
      throw FileError(source, line: record.line, Self.raggedness(record.fields, beside: first.fields))
    }
    let guess = HeaderGuess(records.map(\.fields))
    let hasHeader =
      switch format.header {
      case .present: true
      case .absent: false
      case .automatic: guess.isHeader
      }
    if hasHeader { records.removeFirst() }
    guard !records.isEmpty else { throw FileError(source, "there is a header but no row below it") }
    var notes: [String] = []
    if format.header == .automatic, let doubt = guess.doubt { notes.append(doubt) }
    if separator == .comma, format.separator == nil, format.decimalMark == nil, !hasHeader, columnCount == 2,
      records.allSatisfy({ $0.fields.allSatisfy { Int($0) != nil } })
    {
      notes.append(
        "each line is read as two columns of whole numbers; if it is one number with a decimal comma, say so "
          + "(--decimal comma)")
    }
    self.source = source
    self.notes = notes
    self.format = CSVFormat(
      separator: separator, decimalMark: format.decimalMark, header: hasHeader ? .present : .absent)
    header = hasHeader ? first.fields.map { $0.trimmingCharacters(in: .whitespaces) } : nil
    rows = records.map(\.fields)
    lines = records.map(\.line)
  }

  /// Throws at the first byte that is not UTF-8, with its line, and for UTF-16 and UTF-32 texts.
  private static func checkText(_ bytes: [UInt8], _ source: String) throws(FileError) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw FileError(source, "this is UTF-16 text; a CSV file is UTF-8: save it as that")
    }
    guard String(validating: bytes, as: UTF8.self) == nil else { return }
    throw FileError(source, line: bytes.firstInvalidLine, "this is no UTF-8 text; a CSV file is expected")
  }

  private static func raggedness(_ fields: [String], beside first: [String]) -> String {
    func counted(_ count: Int) -> String { count == 1 ? "1 field" : "\(count) fields" }
    let problem =
      "this row has \(counted(fields.count)), the first one \(first.count); every row needs as many"
    let isNumeric = fields.suffix(2).allSatisfy { $0.contains { $0.isNumber } && Int($0) != nil }
    return fields.count > first.count && isNumeric
      ? problem + ". A number with a comma in it stands in quotes, or between semicolons" : problem
  }
}

// MARK: Columns

extension CSVTable {
  /// The position of a column, from 0, by its name or by its number from 1.
  ///
  /// A name takes precedence over a number. Throws the list of columns if there is no such column.
  public func position(ofColumn column: String) throws(FileError) -> Int {
    if let header {
      let matches = header.indices.filter { header[$0] == column }
      if matches.count > 1 {
        let numbers = matches.map { String($0 + 1) }.joined(separator: ", ")
        throw FileError(source, column: column, "\(matches.count) columns have this name; give a number: \(numbers)")
      }
      if let match = matches.first { return match }
    }
    if let number = Int(column), number >= 1, number <= columnCount { return number - 1 }
    throw FileError(
      source, column: column,
      "there is no such column; the columns are \(listOfColumns)" + Spelling.question(column, among: header ?? []))
  }

  /// The columns as messages list them: `1 "time", 2 "sunspots"`.
  private var listOfColumns: String {
    (0..<columnCount).map { index in
      guard let name = header?[index], !name.isEmpty else { return String(index + 1) }
      return "\(index + 1) \"\(name)\""
    }.joined(separator: ", ")
  }

  /// The name of a column in messages: its name, or its number from 1.
  func name(ofColumn position: Int) -> String {
    header.flatMap { $0[position].isEmpty ? nil : $0[position] } ?? "\(position + 1)"
  }

  /// The numbers of a column, by name or by number from 1. Throws at the first field that is not a finite number.
  public func numbers(inColumn column: String) throws(FileError) -> [Double] {
    var notes: [String] = []
    let position = try position(ofColumn: column)
    return try numbers(at: position, rows: Array(rows.indices), missing: .refused, &notes)
  }

  /// The treatment of fields without a value.
  enum Missing: Hashable, Sendable {
    case refused
    /// They repeat the value above them.
    case repeated
  }

  /// The numbers of a column in some rows; fields of other rows are ignored.
  func numbers(
    at position: Int, rows chosen: [Int], missing: Missing, _ notes: inout [String]
  ) throws(FileError) -> [Double] {
    let mark = try decimalMark(at: position, rows: chosen, &notes)
    var numbers: [Double] = []
    numbers.reserveCapacity(chosen.count)
    for row in chosen {
      let field = rows[row][position]
      if let number = mark.number(field), number.isFinite {
        numbers.append(number)
        continue
      }
      if missing == .repeated, FieldKind.isMissing(field), let last = numbers.last {
        numbers.append(last)
        continue
      }
      throw FileError(
        source, line: lines[row], column: name(ofColumn: position), Self.problem(with: field, mark, missing))
    }
    return numbers
  }

  /// The mark that the format specifies, or that the fields of the column require, or those of all others; else the
  /// more likely one.
  private func decimalMark(
    at position: Int, rows chosen: [Int], _ notes: inout [String]
  ) throws(FileError) -> DecimalMark {
    if let given = format.decimalMark { return given }
    func tally(_ fields: some Sequence<String>) -> DecimalMark? {
      var (points, commas) = (0, 0)
      for field in fields {
        switch DecimalMark.evidence(field) {
        case .point: points += 1
        case .comma: commas += 1
        case nil: break
        }
      }
      return points == commas ? nil : points > commas ? .point : .comma
    }
    if let mark = tally(chosen.lazy.map { rows[$0][position] }) { return mark }
    let doubtful = chosen.first { DecimalMark.doubt(rows[$0][position]) != nil }
    guard let doubtful, let written = DecimalMark.doubt(rows[doubtful][position]) else { return .point }
    let field = rows[doubtful][position]
    if let other = chosen.first(where: { DecimalMark.doubt(rows[$0][position]).map { $0 != written } == true }) {
      throw FileError(
        source, line: lines[other], column: name(ofColumn: position),
        "\(rows[other][position]) stands here and \(field) in line \(lines[doubtful]), and neither tells which mark is "
          + "before the decimals; say so (--decimal point or --decimal comma)")
    }
    // In a comma-separated table a quoted comma is rarely a decimal mark, and a point nearly always is.
    let likely: DecimalMark = written == .point ? .point : format.separator == .comma ? .point : .comma
    let mark = tally(rows.lazy.flatMap { $0 }) ?? likely
    if written == .comma || mark == .comma || format.separator != .comma {
      notes.append(
        "\(field) of column \(name(ofColumn: position)) is read as \(mark.number(field) ?? .nan); if it is another number, "
          + "say which mark is before the decimals (--decimal \(mark == .point ? "comma" : "point"))")
    }
    return mark
  }

  private static func problem(with field: String, _ mark: DecimalMark, _ missing: Missing) -> String {
    let field = field.trimmingCharacters(in: .whitespaces)
    let remedy = missing == .refused ? "fill the gap (--fill) or remove the row" : "and no row above has one to repeat"
    if field.isEmpty {
      return missing == .refused
        ? "the field is empty; a number is expected. Fill the gap (--fill) or remove the row"
        : "the field is empty, \(remedy)"
    }
    if let number = mark.number(field), !number.isNaN { return "\(field) is too large; a finite number is expected" }
    if FieldKind.isMissing(field) { return "\(field) is not a number; \(remedy)" }
    let shown = field.count > 40 ? field.prefix(40) + "…" : field[...]
    let other = mark == .point ? DecimalMark.comma : .point
    if other.number(field) != nil {
      return
        "\"\(shown)\" is no number with a decimal \(mark.rawValue), which the others of this column have; write all "
        + "alike, or say which mark is before the decimals (--decimal \(other.rawValue))"
    }
    let example = mark == .point ? "3.5 or -2e3" : "3,5 or -2e3"
    return "\"\(shown)\" is no number; a number such as \(example) is expected"
  }
}
