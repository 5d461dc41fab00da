internal import EbbFiles
internal import EbbTensors
internal import EbbTraining

extension ForecastScales {
  /// The network's input for a forecast after the end of a table, and the target's last value.
  ///
  /// A table shorter than the window is read from its start.
  func window(
    of table: ForecastTable, columns: [String], target: Int, _ length: Int
  ) throws(TrainingError) -> (x: Tensor, last: Double) {
    guard table.names == columns else {
      throw .file(
        FileError(
          table.source,
          "the network reads \(columns.joined(separator: ", ")), and this has \(table.names.joined(separator: ", "))"))
    }
    let needed = 1 + input.extraValues
    guard table.count >= needed else {
      throw .file(
        FileError(table.source, "a forecast reads at least \(needed) rows, \(length) at best, not \(table.count)"))
    }
    let first = max(table.count - length, input.extraValues)
    do {
      try Self.check(table, input)
      for row in first..<table.count { try checkReadable(table, row: row) }
    } catch {
      throw .file(error)
    }
    let x = (first..<table.count).flatMap { read(table.columns, at: $0) }
    return (
      Tensor([table.count - first, 1, columns.count], x, as: .float32), table.columns[target][table.count - 1]
    )
  }
}
