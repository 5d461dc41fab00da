internal import EbbFiles
internal import EbbReport

/// The use of the dates of a table's rows.
public struct ForecastDates: Hashable, Sendable {
  /// The column of dates, which may also be whole numbers: years, 202001, 20200131, or Unix' seconds or milliseconds;
  /// nil takes the first one that holds only dates, if there is one.
  public var column: String?
  /// The column of times of day for the dates of another column; nil takes the first one that holds only such times, if
  /// the dates have none.
  public var time: String?
  /// The order of days, months and two-digit years; nil detects it from a number above 12 or from even intervals.
  public var order: DateOrder?
  /// Whether to sort the rows by date.
  public var isSorted: Bool
  /// The treatment of rows with the same date; nil leaves them.
  public var repeated: Repeated?
  /// Whether to fill missing dates and values with the last known ones. A forecast then reads nothing that was not
  /// known at its time.
  public var isFilled: Bool

  /// The treatment of rows with the same date.
  public enum Repeated: String, Hashable, Sendable, CaseIterable {
    /// Keeps the first or the last of them, or their mean.
    case first, last, mean
  }

  /// How dates are read; by default rows are unchanged.
  public init(
    column: String? = nil, time: String? = nil, order: DateOrder? = nil, isSorted: Bool = false,
    repeated: Repeated? = nil, isFilled: Bool = false
  ) {
    self.column = column
    self.time = time
    self.order = order
    self.isSorted = isSorted
    self.repeated = repeated
    self.isFilled = isFilled
  }

  /// Whether a setting requires dates.
  var takesDates: Bool { column != nil || time != nil || isSorted || repeated != nil }
}

/// The rows of a table in time, after corrections.
struct DatedRows {
  /// Rows of the table, by their place in it.
  private(set) var rows: [Int]
  /// The date of each row; nil if the table has none.
  private(set) var moments: [Moment]?
  /// For each row the rows whose mean it is; empty if no others have the same date.
  private(set) var merged: [[Int]] = []
  /// For each row the number of rows that repeat it.
  private(set) var repeats: [Int] = []
  private(set) var notes: [String] = []

  private let table: CSVTable
  private let column: Int?
  /// No more rows than this are added.
  private static let limit = 10_000_000

  init(_ table: CSVTable, rows: [Int], without read: Set<Int>, _ dates: ForecastDates) throws(FileError) {
    (self.table, self.rows) = (table, rows)
    let found = try DateColumn.find(table, rows, without: read, dates)
    column = found?.column
    moments = found?.moments
    notes += found?.notes ?? []
    merged = rows.map { _ in [] }
    repeats = rows.map { _ in 0 }
    guard moments != nil else {
      guard !dates.takesDates else {
        throw FileError(
          table.source, "no column holds dates alone, such as 2020-01-31; say which does (--date COLUMN)")
      }
      if let doubt = DateColumn.doubt(table, rows, without: read) { notes.append(doubt) }
      return
    }
    settleOrder(dates)
    settleRepeated(dates)
    try settleGaps(dates)
  }

  private var axis: TimeAxis { TimeAxis(moments ?? []) }

  private func line(_ place: Int) -> String {
    "line \(table.lines[rows[place]])" + (moments.map { " (\($0[place]))" } ?? "")
  }

  // MARK: Putting right

  private mutating func settleOrder(_ dates: ForecastDates) {
    guard let moments, let first = axis.firstDescent else { return }
    if dates.isSorted {
      // Rows with the same date keep their order.
      let order = moments.indices.sorted { (moments[$0], $0) < (moments[$1], $1) }
      rows = order.map { rows[$0] }
      self.moments = order.map { moments[$0] }
      return
    }
    notes.append(
      axis.isDescending
        ? "time runs backward, from \(line(0)) to \(line(moments.count - 1)), and the rows are read as they stand; --sort "
          + "puts them in the order of their dates"
        : "the rows are not in the order of their dates, \(line(first)) comes after \(line(first - 1)), and are read as "
          + "they stand; --sort puts them in order")
  }

  private mutating func settleRepeated(_ dates: ForecastDates) {
    let places = axis.repeatedRows
    guard let place = places.first, let moments else { return }
    guard let rule = dates.repeated else {
      let count = places.count == 1 ? "1 row has" : "\(places.count) rows have"
      notes.append(
        "\(count) the date of another, the first in \(line(place)); --repeated first, last or mean makes one row of them"
      )
      return
    }
    var groups: [Moment: [Int]] = [:]
    var order: [Moment] = []
    for (moment, row) in zip(moments, rows) {
      if groups[moment] == nil { order.append(moment) }
      groups[moment, default: []].append(row)
    }
    self.moments = order
    let grouped = order.map { groups[$0] ?? [] }
    rows = grouped.map { rule == .last ? $0[$0.count - 1] : $0[0] }
    merged = grouped.map { rule == .mean && $0.count > 1 ? $0 : [] }
    repeats = rows.map { _ in 0 }
  }

  private mutating func settleGaps(_ dates: ForecastDates) throws(FileError) {
    guard let moments, moments.count > 2 else { return }
    let axis = axis
    guard axis.firstDescent == nil, axis.repeatedRows.isEmpty else {
      guard !dates.isFilled else {
        throw FileError(
          table.source,
          "missing dates can be filled where the rows are in the order of their dates, each once: --sort and --repeated "
            + "see to that")
      }
      return
    }
    guard axis.step != nil, let gaps = axis.gaps(limit: Self.limit) else {
      guard !dates.isFilled else {
        throw FileError(table.source, "the dates are too uneven to tell which ones are missing")
      }
      notes.append("the dates are not at even intervals; the rows are read as if they were")
      return
    }
    guard let first = gaps.first else { return }
    guard dates.isFilled else {
      let count = gaps.reduce(0) { $0 + ($1.missing?.count ?? 0) }
      let missing = count == 0 ? "" : ", \(count) \(count == 1 ? "date is" : "dates are") missing"
      notes.append(
        "the dates have \(gaps.count == 1 ? "a gap" : "\(gaps.count) gaps")\(missing), the first between "
          + "\(line(first.row)) and \(line(first.row + 1)); the rows are read as if there were none, --fill repeats the "
          + "row before")
      return
    }
    if let uneven = gaps.first(where: { $0.missing == nil }) {
      throw FileError(
        table.source, line: table.lines[rows[uneven.row + 1]], column: column.map { table.name(ofColumn: $0) },
        "\(moments[uneven.row + 1]) is no whole number of steps after \(moments[uneven.row]): which dates are missing "
          + "cannot be told")
    }
    for gap in gaps { repeats[gap.row] = gap.missing?.count ?? 0 }
    let count = repeats.reduce(0, +)
    notes.append("\(count) \(count == 1 ? "row was" : "rows were") added where dates are missing, as the row before")
  }

  // MARK: Values

  /// A column of all rows after corrections.
  func values(_ numbers: [Int: Double]) -> [Double] {
    var values: [Double] = []
    for (place, row) in rows.enumerated() {
      let group = merged[place].isEmpty ? [row] : merged[place]
      let value = group.reduce(0) { $0 + (numbers[$1] ?? 0) / Double(group.count) }
      values += [Double](repeating: value, count: 1 + repeats[place])
    }
    return values
  }

  /// The date of each row, including those that were added, if they ascend; else none.
  var ascending: [Moment] {
    guard let moments else { return [] }
    let axis = axis
    var all: [Moment] = []
    for (place, moment) in moments.enumerated() {
      all.append(moment)
      guard repeats[place] > 0 else { continue }
      all += axis.moments(after: moment, count: repeats[place]) ?? []
    }
    return zip(all.dropFirst(), all).allSatisfy { $0 > $1 } ? all : []
  }

  /// The line of the file for each row; for an added row, that of the row before.
  var lines: [Int] { rows.indices.flatMap { [Int](repeating: table.lines[rows[$0]], count: 1 + repeats[$0]) } }

  /// All rows that are read, including those that are averaged, in the order of time.
  var read: [Int] { rows.indices.flatMap { merged[$0].isEmpty ? [rows[$0]] : merged[$0] } }
}
