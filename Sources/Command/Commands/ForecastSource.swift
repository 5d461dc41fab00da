internal import EbbTraining

/// The rows and columns of a file that a forecasting command reads.
struct ForecastSource {
  let table: CSVTable
  let selection: (column: String, value: String)?

  /// Reads the file; says so if its rows look like several series one after the other.
  init(_ options: ParsedOptions, _ context: CommandContext) throws {
    selection = try options.text("where").map { text throws(UsageError) in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw UsageError("--where takes COLUMN=VALUE, not '\(text)'") }
      return (parts[0], parts[1])
    }
    table = try CSVTable(contentsOf: try options.required("file"))
    if selection == nil, let blocks = table.blocks {
      let shown = blocks.values.prefix(5).joined(separator: ", ") + (blocks.values.count > 5 ? ", …" : "")
      context.output.writeError(
        "note: the rows come in \(blocks.values.count) blocks of \(blocks.column) (\(shown)), read here as one series; "
          + "--where \(blocks.column)=\(blocks.values[0]) reads one of them\n")
    }
  }

  /// The columns that the options name.
  func table(_ names: [String]) throws(DataError) -> ForecastTable {
    try ForecastTable(table, columns: names, where: selection)
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
    // What is forecast is read as well, wherever the list has it, by its name or its number.
    let positions = try columns.map { column throws(DataError) in try table.position(ofColumn: column) }
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
