internal import Foundation

/// A table of comma-separated values (RFC 4180): fields in quotes may hold commas, line breaks and doubled quotes.
///
/// Everything is read as text; `numbers(inColumn:)` says which column is meant to be numbers.
public struct CSVTable: Hashable, Sendable {
  /// The file, or another name of the data, for messages.
  public let source: String
  /// The names of the columns; nil if the first line is data.
  public let header: [String]?
  /// The rows below the header.
  public let rows: [[String]]
  /// The line of the file on which each row begins, from 1.
  public let lines: [Int]
  public let columnCount: Int

  /// Whether the first line names the columns.
  public enum Header: Hashable, Sendable, CaseIterable {
    /// It does if none of its fields is a number and it has a field that is not empty.
    case automatic
    case present, absent
  }

  /// Reads a file. Throws if it cannot be read, is no UTF-8, is empty, or a row has another number of fields.
  public init(contentsOf path: String, header: Header = .automatic) throws(DataError) {
    let data = try DataError.bytes(path, expecting: "a CSV file")
    guard let text = String(data: data, encoding: .utf8) else {
      throw DataError(path, "this is no UTF-8 text; a CSV file is expected")
    }
    try self.init(text, source: path, header: header)
  }

  /// Reads a text.
  public init(_ text: String, source: String = "text", header: Header = .automatic) throws(DataError) {
    var reader = CSVReader(text, source: source)
    var records = try reader.records()
    guard let first = records.first else { throw DataError(source, "the file is empty; rows of numbers are expected") }
    columnCount = first.fields.count
    for record in records where record.fields.count != columnCount {
      throw DataError(
        source, line: record.line,
        "this row has \(Self.fields(record.fields.count)), the first one \(columnCount); every row needs as many")
    }
    let hasHeader =
      switch header {
      case .present: true
      case .absent: false
      case .automatic:
        first.fields.allSatisfy { Self.number($0) == nil } && first.fields.contains { !$0.isEmpty }
      }
    if hasHeader { records.removeFirst() }
    guard !records.isEmpty else { throw DataError(source, "there is a header but no row below it") }
    self.source = source
    self.header = hasHeader ? first.fields.map { $0.trimmingCharacters(in: .whitespaces) } : nil
    rows = records.map(\.fields)
    lines = records.map(\.line)
  }

  private static func fields(_ count: Int) -> String { count == 1 ? "1 field" : "\(count) fields" }
}

// MARK: Columns

extension CSVTable {
  /// The position of a column, from 0, by its name or by its number from 1.
  ///
  /// A name wins over a number. Throws with the list of columns if there is none such.
  public func position(ofColumn column: String) throws(DataError) -> Int {
    if let header {
      let matches = header.indices.filter { header[$0] == column }
      if matches.count > 1 {
        let numbers = matches.map { String($0 + 1) }.joined(separator: ", ")
        throw DataError(source, column: column, "\(matches.count) columns have this name; give a number: \(numbers)")
      }
      if let match = matches.first { return match }
    }
    if let number = Int(column), number >= 1, number <= columnCount { return number - 1 }
    throw DataError(
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

  /// The numbers of a column, by name or by number from 1. Throws at the first field that is no finite number.
  public func numbers(inColumn column: String) throws(DataError) -> [Double] {
    let position = try position(ofColumn: column)
    let name = header.map { $0[position].isEmpty ? "\(position + 1)" : $0[position] } ?? "\(position + 1)"
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.count)
    for (row, line) in zip(rows, lines) {
      let field = row[position]
      guard let number = Self.number(field), number.isFinite else {
        throw DataError(source, line: line, column: name, Self.problem(with: field))
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func problem(with field: String) -> String {
    let field = field.trimmingCharacters(in: .whitespaces)
    if field.isEmpty { return "the field is empty; a number is expected. Fill the gap or remove the row" }
    if let number = number(field) {
      return number.isNaN
        ? "\(field) is not a number; fill the gap or remove the row"
        : "\(field) is too large; a finite number is expected"
    }
    let shown = field.count > 40 ? field.prefix(40) + "…" : field[...]
    return "\"\(shown)\" is no number; a number such as 3.5 or -2e3 is expected"
  }

  /// A decimal number, perhaps between spaces; also NaN and infinity, which are no text either.
  private static func number(_ field: String) -> Double? {
    let field = field.trimmingCharacters(in: .whitespaces)
    // Double also reads hexadecimal numbers, which in a table are text.
    return field.contains(where: { $0 == "x" || $0 == "X" }) ? nil : Double(field)
  }
}
