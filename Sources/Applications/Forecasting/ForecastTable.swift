public import EbbFiles
internal import EbbReport
internal import EbbTensors

/// Columns of numbers at even intervals of time: the input of a forecaster.
public struct ForecastTable: Hashable, Sendable {
  /// The file, or another name of the data, for messages.
  public let source: String
  /// The name of each column.
  public let names: [String]
  /// The values of each column, all of one length.
  public let columns: [[Double]]
  /// The line of the file of each row; empty if the numbers did not come from a file.
  public let lines: [Int]

  /// The dates of the rows, ascending; empty if there are none.
  let moments: [Moment]

  /// Observations about the file for the reader, one sentence each without its full stop.
  public let notes: [String]

  /// How many rows there are.
  public var count: Int { columns.first?.count ?? 0 }

  /// Throws if the numbers of columns and names differ, or the columns have different lengths or hold a number that is
  /// not finite.
  public init(_ names: [String], _ columns: [[Double]], source: String = "table") throws(FileError) {
    guard !names.isEmpty, names.count == columns.count else {
      throw FileError(source, "\(names.count) names are given for \(columns.count) columns")
    }
    for (name, column) in zip(names, columns) {
      guard column.count == columns[0].count else {
        throw FileError(
          source, column: name, "the column has \(column.count) values, the first one \(columns[0].count)")
      }
      if let row = column.firstIndex(where: { !$0.isFinite }) {
        throw FileError(source, column: name, "value \(row + 1) is \(column[row]); a finite number is expected")
      }
    }
    (self.source, self.names, self.columns, lines, moments, notes) = (source, names, columns, [], [], [])
  }

  /// Columns of a file, by name or by number from 1.
  ///
  /// - Parameters:
  ///   - selection: Keeps only the rows with this text in this column, for example one symbol of a price list. Fields
  ///     of other rows are ignored.
  ///   - dates: The use of the rows' dates. Remaining irregularities of their order, repetitions and gaps are in
  ///     `notes`.
  /// - Throws: `FileError` at the first field that is not a finite number, if no row is kept, or if the dates cannot be
  ///   corrected.
  public init(
    _ table: CSVTable, columns: [String], where selection: (column: String, value: String)? = nil,
    dates: ForecastDates = ForecastDates()
  ) throws(FileError) {
    var rows = Array(table.rows.indices)
    if let selection {
      let position = try table.position(ofColumn: selection.column)
      rows = rows.filter { table.rows[$0][position] == selection.value }
      guard !rows.isEmpty else {
        let found = Self.distinct(table.rows.map { $0[position] }).prefix(8).joined(separator: ", ")
        throw FileError(
          table.source, column: selection.column, "no row has '\(selection.value)' here; there are \(found)")
      }
    }
    var names: [String] = []
    var positions: [Int] = []
    for column in columns {
      // A column without a name has its number as a name, by which it is found again.
      let isNumbered = column.hasPrefix("column ") && table.header?.contains(column) != true
      let column = isNumbered ? String(column.dropFirst(7)) : column
      let position = try table.position(ofColumn: column)
      // A column that was selected by number has its name too.
      let name = table.header.flatMap { $0[position].isEmpty ? nil : $0[position] } ?? "column \(position + 1)"
      guard !names.contains(name) else { throw FileError(table.source, column: name, "the column is given twice") }
      names.append(name)
      positions.append(position)
    }
    let dated = try DatedRows(table, rows: rows, without: Set(positions), dates)
    var notes = table.notes + dated.notes
    let read = dated.read
    let values = try positions.map { position throws(FileError) in
      let numbers = try table.numbers(at: position, rows: read, missing: dates.isFilled ? .repeated : .refused, &notes)
      return dated.values(Dictionary(uniqueKeysWithValues: zip(read, numbers)))
    }
    (source, self.names, self.columns, self.notes) = (table.source, names, values, notes)
    lines = dated.lines
    moments = dated.ascending
  }

  /// The rows' places on an axis: dates in seconds since 1970, with those of so many rows after the last if the step of
  /// the dates is even; or numbers from 1 if the rows have no ascending dates.
  func places(after count: Int) -> (places: [Double], areDates: Bool) {
    guard let last = moments.last, moments.count == self.count else {
      return ((0..<(self.count + count)).map { Double($0 + 1) }, false)
    }
    let next = TimeAxis(moments).moments(after: last, count: count) ?? []
    return ((moments + next).map(\.seconds), true)
  }

  /// A row, from 0, as messages name it.
  func place(_ row: Int) -> String { row < lines.count ? "line \(lines[row])" : "row \(row + 1)" }

  /// An error at a row, from 0, of a column.
  func error(row: Int, column: Int, _ message: String) -> FileError {
    FileError(
      source, line: row < lines.count ? lines[row] : nil, column: names[column],
      row < lines.count ? message : "row \(row + 1): \(message)")
  }

  private static func distinct(_ values: [String]) -> [String] {
    var seen: Set<String> = []
    return values.filter { seen.insert($0).inserted }
  }
}

extension CSVTable {
  /// A column of words that divides the rows into blocks, such as the symbol in a price list. Read as one series, the
  /// end of a block would be followed by the start of the next.
  ///
  /// - Returns: The column's name or number and the word of each block; nil if there is no such column.
  public var blocks: (column: String, values: [String])? {
    for position in 0..<columnCount {
      var values: [String] = []
      for row in rows where values.last != row[position] { values.append(row[position]) }
      let isText = values.count <= max(2, rows.count / 2) && values.allSatisfy { FieldKind($0) == .text }
      guard isText, (2...max(2, rows.count / 2)).contains(values.count), Set(values).count == values.count else {
        continue
      }
      return (header?[position] ?? "\(position + 1)", values)
    }
    return nil
  }
}

extension ForecastTable {
  /// Identifies the data in a checkpoint: their number, and a checksum.
  public var fingerprint: String {
    var sum = Fingerprint()
    for (name, column) in zip(names, columns) {
      sum.add(name)
      for value in column { sum.add(value.bitPattern) }
    }
    return "\(count) rows (\(sum.text))"
  }
}
