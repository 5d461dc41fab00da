public import EbbReport

extension StepBenchmark {
  /// One row for each cell and size.
  public static func table(_ rows: [(cell: String, result: StepBenchmark)], title: String = "") -> DataTable {
    let results = rows.map(\.result)
    func column(_ name: String, _ value: (StepBenchmark) -> Int) -> DataTable.Column {
      .numbers(name, results.map { Double(value($0)) })
    }
    return DataTable(
      title,
      columns: [
        .text("cell", rows.map(\.cell)),
        .text("size", results.map(\.size.name)),
        column("T") { $0.size.length }, column("B") { $0.size.batch }, column("I") { $0.size.features },
        column("H") { $0.size.units }, column("threads", \.threads),
        .numbers("step", unit: "ms", format: .fixed(3), results.map { 1e3 * $0.median }),
        .numbers("rate", unit: "GFLOP/s", format: .fixed(1), results.map { 1e-9 * Double($0.operations) / $0.median }),
        .numbers("memory", unit: "MiB", format: .fixed(1), results.map { Double($0.memory) / 1_048_576 }),
        .numbers("first", unit: "s", format: .fixed(3), results.map(\.startup)),
      ])
  }

  /// One measurement, under the keys by which other frameworks' times are kept.
  public func json(cell: String) -> JSONValue {
    func rounded(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
    return [
      "cell": .string(cell), "size": .string(size.name), "T": .integer(size.length), "B": .integer(size.batch),
      "I": .integer(size.features), "H": .integer(size.units), "peer": "ebb", "threads": .integer(threads),
      "ms": rounded(median * 1e3), "first_s": rounded(startup),
    ]
  }
}
