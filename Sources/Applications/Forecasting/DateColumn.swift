internal import EbbFiles
internal import EbbReport

/// The column of a table's dates, optionally with one of times of day, and the moments of some rows.
struct DateColumn {
  let column: Int
  private(set) var moments: [Moment]
  /// Ambiguities.
  private(set) var notes: [String] = []

  /// The named column, or else the first one outside the read columns that holds only dates; nil if there is none.
  /// Whole numbers are dates only in a named column.
  static func find(
    _ table: CSVTable, _ rows: [Int], without read: Set<Int>, _ dates: ForecastDates
  ) throws(FileError) -> DateColumn? {
    let given = try dates.column.map { name throws(FileError) in try table.position(ofColumn: name) }
    for column in given.map({ [$0] }) ?? (0..<table.columnCount).filter({ !read.contains($0) }) {
      if var found = DateColumn(table, rows, column, dates.order)
        ?? (given == nil ? nil : DateColumn(numbers: table, rows, column))
      {
        try found.addTimes(table, rows, without: read, dates)
        return found
      }
      guard given != nil else { continue }
      let number = DateNumbers.misfit(rows.map { table.rows[$0][column] }).map { rows[$0] }
      if let row = number ?? rows.first(where: { !isDate(table.rows[$0][column]) }) ?? rows.first {
        throw table.error(
          row, column,
          "is no date; one such as 2020-01-31, 31.1.2020 or 2020-01-31 23:59 is expected, in the same order of day, "
            + "month and year in all rows")
      }
    }
    return nil
  }

  /// Nil if a field of the column is not a date, or dates have different orders.
  private init?(_ table: CSVTable, _ rows: [Int], _ column: Int, _ order: DateOrder?) {
    let fields = rows.map { table.rows[$0][column] }
    let readings = DateOrder.orders(of: fields).filter { order == nil || $0 == order }.map { order in
      (order: order, moments: fields.compactMap { order.moment($0) })
    }
    // Of several orders, prefer one in which the dates ascend at even intervals.
    let even = readings.first { reading in
      readings.count > 1 && TimeAxis(reading.moments).isEven
    }
    guard let chosen = even ?? readings.first else { return nil }
    self.column = column
    moments = chosen.moments
    let name = table.name(ofColumn: column)
    if let other = readings.first(where: { $0.moments != chosen.moments }),
      let place = zip(chosen.moments, other.moments).enumerated().first(where: { $0.element.0 != $0.element.1 })
    {
      notes.append(
        "\(fields[place.offset]) of column \(name) is read as \(place.element.0) and might be \(place.element.1); "
          + "--date-order says which of day, month and year comes first")
    } else if let short = fields.first(where: { chosen.order.hasShortYear($0) }),
      let moment = chosen.order.moment(short)
    {
      notes.append("\(short) of column \(name) is read as \(moment): years of two digits are those of 1969 to 2068")
    }
  }

  /// Nil if a field of the column is not a date as a whole number, or the kinds differ.
  private init?(numbers table: CSVTable, _ rows: [Int], _ column: Int) {
    guard let moments = DateNumbers.moments(of: rows.map { table.rows[$0][column] }) else { return nil }
    (self.column, self.moments) = (column, moments)
  }

  /// Why a column that is not read may hold dates but does not count as a date column; nil if there is none.
  ///
  /// Nine of ten of its fields begin with a date, or they are monotonic whole numbers that may be dates.
  static func doubt(_ table: CSVTable, _ rows: [Int], without read: Set<Int>) -> String? {
    let unlooked = "order, repetitions and gaps of the rows are not looked at"
    for column in (0..<table.columnCount).filter({ !read.contains($0) }) where rows.count > 2 {
      let fields = rows.map { table.rows[$0][column] }
      let name = table.name(ofColumn: column)
      // This many rows show what a column holds.
      let first = fields.prefix(1000)
      if first.count(where: beginsWithDate) * 10 >= first.count * 9, let misfit = misfit(fields) {
        let problem = isDate(fields[misfit]) ? "has its parts in another order than those above it" : "is no date"
        let place = "\"\(fields[misfit].prefix(40))\" (line \(table.lines[rows[misfit]]))"
        return "column \(name) is not read as dates: \(place) \(problem); \(unlooked)"
      }
      if let moments = DateNumbers.moments(of: fields), runsOneWay(moments) {
        let shown = "column \(name) (\(fields[0]), \(fields[1]), …)"
        return "\(shown) may hold dates; --date \(name) reads it as such, and now \(unlooked)"
      }
    }
    return nil
  }

  /// The first field that is not a date in an order shared by all fields before it; nil if there is none.
  private static func misfit(_ fields: [String]) -> Int? {
    var orders = DateOrder.allCases
    return fields.firstIndex { field in
      orders = orders.filter { $0.moment(field) != nil }
      return orders.isEmpty
    }
  }

  private static func isDate(_ field: String) -> Bool { DateOrder.allCases.contains { $0.moment(field) != nil } }

  private static func beginsWithDate(_ field: String) -> Bool {
    isDate(field) || isDate(String(field.drop { $0 == " " }.prefix { $0 != " " }))
  }

  /// Whether nine of ten moments are later than the previous one, or nine of ten earlier.
  private static func runsOneWay(_ moments: [Moment]) -> Bool {
    let pairs = zip(moments.dropFirst(), moments)
    let (later, earlier) = (pairs.count { $0.0 > $0.1 }, pairs.count { $0.0 < $0.1 })
    return max(later, earlier) * 10 >= (moments.count - 1) * 9
  }

  /// Adds the times of day from another column, if one is named or the dates have no times.
  private mutating func addTimes(
    _ table: CSVTable, _ rows: [Int], without read: Set<Int>, _ dates: ForecastDates
  ) throws(FileError) {
    let given = try dates.time.map { name throws(FileError) in try table.position(ofColumn: name) }
    guard given != nil || moments.allSatisfy({ $0.timeOfDay == 0 }) else { return }
    let others = (0..<table.columnCount).filter { $0 != column && !read.contains($0) }
    for place in given.map({ [$0] }) ?? others {
      let times = rows.compactMap { DateOrder.timeOfDay(table.rows[$0][place]) }
      if times.count == rows.count {
        moments = zip(moments, times).map { Moment(microseconds: $0.microseconds + $1) }
        if given == nil { notes.append("the times of day are those of column \(table.name(ofColumn: place))") }
        return
      }
      if given != nil, let row = rows.first(where: { DateOrder.timeOfDay(table.rows[$0][place]) == nil }) {
        throw table.error(row, place, "is no time of day; one such as 23:59 or 11:59:30 PM is expected")
      }
    }
  }
}

extension CSVTable {
  fileprivate func error(_ row: Int, _ column: Int, _ problem: String) -> FileError {
    FileError(
      source, line: lines[row], column: name(ofColumn: column), "\"\(rows[row][column].prefix(40))\" \(problem)")
  }
}
