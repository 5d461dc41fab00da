internal import EbbApplications
internal import EbbFiles
internal import EbbTraining

/// The rows and columns of a file that a forecasting command reads.
struct ForecastSource {
  /// The format of the file and the treatment of its rows. These describe the file and are not part of a model.
  static let options: [Option] =
    [Option("where", "COLUMN=VALUE", "reads only the rows that have this value there")]
    + CSVFormat.options + [
      Option(
        "date", "COLUMN", "the column of the rows' dates, years or Unix seconds (the first that holds dates only)"),
      Option("time", "COLUMN", "the column of times of day, if they have one (the first that holds times only)"),
      Option("date-order", "day|month|year", "what comes first in 3/4/2020 or 3/4/20 (found)"),
      Option(flag: "sort", "puts the rows in the order of their dates"),
      Option("repeated", "first|last|mean", "makes one row of those with the same date"),
      Option(flag: "fill", "repeats the row before where dates or values are missing"),
    ]

  let table: CSVTable
  let selection: (column: String, value: String)?
  private let dates: ForecastDates
  private let context: CommandContext

  /// Reads the file; reports if its rows look like several series in sequence.
  init(_ options: ParsedOptions, _ context: CommandContext) throws {
    self.context = context
    selection = try options.text("where").map { text throws(UsageError) in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw UsageError("--where takes COLUMN=VALUE, not '\(text)'") }
      return (parts[0], parts[1])
    }
    dates = try Self.dates(options)
    table = try CSVTable(contentsOf: try options.required("file"), format: try CSVFormat(options))
    if selection == nil, let blocks = table.blocks {
      let shown = blocks.values.prefix(5).joined(separator: ", ") + (blocks.values.count > 5 ? ", …" : "")
      context.output.writeError(
        "note: the rows come in \(blocks.values.count) blocks of \(blocks.column) (\(shown)), read here as one series; "
          + "--where \(blocks.column)=\(blocks.values[0]) reads one of them\n")
    }
  }

  private static func dates(_ options: ParsedOptions) throws(UsageError) -> ForecastDates {
    ForecastDates(
      column: options.text("date"), time: options.text("time"),
      order: options.isGiven("date-order") ? try options.choice("date-order") : nil, isSorted: options.isGiven("sort"),
      repeated: options.isGiven("repeated") ? try options.choice("repeated") : nil, isFilled: options.isGiven("fill"))
  }

  /// The columns that the options name; reports remarks on the rows.
  func table(_ names: [String]) throws(FileError) -> ForecastTable {
    let read = try ForecastTable(table, columns: names, where: selection, dates: dates)
    for note in read.notes { context.output.writeError("note: \(note)\n") }
    return read
  }

  /// The columns that `--columns` and `--target` name, and the name of the target.
  func table(_ options: ParsedOptions) throws -> (ForecastTable, target: String) {
    var columns = options.isGiven("columns") ? try options.list("columns") : []
    let target = options.text("target")
    if columns.isEmpty, target == nil {
      guard table.columnCount == 1 else {
        let names = table.header ?? (1...table.columnCount).map(String.init)
        throw UsageError("--target COLUMN is needed; the columns are \(names.joined(separator: ", "))")
      }
      columns = ["1"]
    }
    // The target is read too, wherever the list has it, by name or number.
    let positions = try columns.map { column throws(FileError) in try table.position(ofColumn: column) }
    var place = 0
    if let target {
      let position = try table.position(ofColumn: target)
      if let found = positions.firstIndex(of: position) {
        place = found
      } else {
        place = columns.count
        columns.append(target)
      }
    }
    let read = try self.table(columns)
    return (read, read.names[place])
  }
}
