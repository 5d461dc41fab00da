public import EbbMarkup
public import EbbReport

extension [TrainingTaskComparison] {
  /// One row for each task, in milliseconds, with PyTorch's time if it was measured.
  public var table: DataTable {
    var columns: [DataTable.Column] = [
      .text("training step", map(\.task.name)),
      .numbers("T", format: .fixed(0), map { Double($0.task.length) }),
      .numbers("B", format: .fixed(0), map { Double($0.task.batch) }),
      .numbers("H", format: .fixed(0), map { Double($0.task.units) }),
      .numbers("ebb", format: .fixed(3), map { 1e3 * $0.own }),
    ]
    if contains(where: { !$0.rounds.isEmpty }) {
      columns.append(.text("best peer", map { $0.best?.peer ?? "" }))
      columns.append(.numbers("its ms", format: .fixed(3), map { row in row.best.map { 1e3 * $0.median } }))
      columns.append(.numbers("ratio", format: .fixed(2), map(\.ratio)))
    }
    return DataTable("milliseconds a step", columns: columns)
  }
}

extension TrainingTaskComparison {
  /// One row: `ms` is Ebb's time, `ebb_ms` all its measurements, `ratio` the best of the other frameworks over it.
  public func json(threads: Int) -> JSONValue {
    var object = JSONObject()
    object["training"] = .string(task.name)
    object["T"] = .integer(task.length)
    object["B"] = .integer(task.batch)
    object["H"] = .integer(task.units)
    object["threads"] = .integer(threads)
    object["ms"] = milliseconds(own)
    object["ebb_ms"] = .array(measurements.map(milliseconds))
    var times = JSONObject()
    for time in peers { times[time.peer] = milliseconds(time.median) }
    object["peers_ms"] = .object(times)
    object["ratio"] = ratio.map { rounded($0) } ?? .null
    return .object(object)
  }
}
