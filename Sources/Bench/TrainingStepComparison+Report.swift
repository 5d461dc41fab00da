internal import EbbDiagnostics
public import EbbMarkup
public import EbbReport

extension [TrainingStepComparison] {
  /// One row for each cell and size, in milliseconds, with a column for each other framework.
  public func table(rate: ProductRate? = nil, title: String = "milliseconds a step") -> DataTable {
    let own = map(\.own)
    var names: [String] = []
    for time in flatMap(\.peers) where !names.contains(time.peer) { names.append(time.peer) }
    var columns: [DataTable.Column] = [
      .text("cell", map(\.cell)), .text("size", own.map(\.size.name)),
      .numbers("ebb", format: .fixed(3), own.map { 1e3 * $0.median }),
    ]
    for name in names {
      let medians = map { row in row.peers.first { $0.peer == name }.map { 1e3 * $0.median } }
      columns.append(.numbers(name, format: .fixed(3), medians))
    }
    columns.append(.text("best peer", map { $0.best?.peer ?? "" }))
    columns.append(.numbers("ratio", format: .fixed(2), map(\.ratio)))
    if let rate {
      columns.append(.numbers("of roof", unit: "%", format: .fixed(1), own.map { 100 * rate.share(of: $0) }))
    }
    return DataTable(title, columns: columns)
  }
}

extension TrainingStepComparison {
  /// One row: `ms` is Ebb's time, `ebb_ms` all its measurements, `ratio` the best of the other frameworks over it.
  public func json(rate: ProductRate? = nil) -> JSONValue {
    guard var object = own.json(cell: cell, rate: rate).object else { return .null }
    object["ebb_ms"] = .array(measurements.map { milliseconds($0.median) })
    var times = JSONObject()
    for time in peers { times[time.peer] = milliseconds(time.median) }
    object["peers_ms"] = .object(times)
    object["best"] = best.map { .string($0.peer) } ?? .null
    object["ratio"] = ratio.map { rounded($0) } ?? .null
    return .object(object)
  }
}
