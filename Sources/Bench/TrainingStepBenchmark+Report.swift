internal import EbbDiagnostics
public import EbbMarkup
public import EbbReport

extension TrainingStepBenchmark {
  /// Floating-point operations of products per second, for the median run.
  public var operationsPerSecond: Double { Double(operations) / median }

  /// One row for each cell and size; given the machine's rate, also the step's share of it.
  public static func table(
    _ rows: [(cell: String, result: TrainingStepBenchmark)], rate: ProductRate? = nil, title: String = ""
  ) -> DataTable {
    let results = rows.map(\.result)
    func column(_ name: String, _ value: (TrainingStepBenchmark) -> Int) -> DataTable.Column {
      .numbers(name, results.map { Double(value($0)) })
    }
    var table = DataTable(
      title,
      columns: [
        .text("cell", rows.map(\.cell)),
        .text("size", results.map(\.size.name)),
        column("T") { $0.size.length }, column("B") { $0.size.batch }, column("I") { $0.size.features },
        column("H") { $0.size.units }, column("threads", \.threads),
        .numbers("step", unit: "ms", format: .fixed(3), results.map { 1e3 * $0.median }),
        .numbers("rate", unit: "GFLOP/s", format: .fixed(1), results.map { 1e-9 * $0.operationsPerSecond }),
        .numbers("memory", unit: "MiB", format: .fixed(1), results.map { Double($0.memory) / 1_048_576 }),
        .numbers("first", unit: "s", format: .fixed(3), results.map(\.startup)),
      ])
    if let rate {
      let shares = results.map { 100 * rate.share(of: $0) }
      table.columns.insert(.numbers("of roof", unit: "%", format: .fixed(1), shares), at: table.columns.count - 2)
    }
    return table
  }

  /// One measurement, with the keys of other frameworks' times; given the machine's rate, also the step's rate and its
  /// share of it.
  public func json(cell: String, rate: ProductRate? = nil) -> JSONValue {
    var object = size.json(cell: cell)
    object["peer"] = "ebb"
    object["threads"] = .integer(threads)
    object["ms"] = milliseconds(median)
    object["first_s"] = rounded(startup)
    if let rate {
      object["gflops"] = rounded(1e-9 * operationsPerSecond)
      object["share"] = rounded(rate.share(of: self))
    }
    return .object(object)
  }
}

extension TrainingStepBenchmark.Size {
  /// The measured size, with the keys that all measurements share.
  func json(cell: String) -> JSONObject {
    var object = JSONObject()
    object["cell"] = .string(cell)
    object["size"] = .string(name)
    object["T"] = .integer(length)
    object["B"] = .integer(batch)
    object["I"] = .integer(features)
    object["H"] = .integer(units)
    return object
  }

  /// A summary for people.
  public var summary: String { "T = \(length), B = \(batch), I = \(features), H = \(units)" }
}

extension ProductRate {
  /// A step's rate as a share of this one.
  public func share(of step: TrainingStepBenchmark) -> Double { step.operationsPerSecond / operationsPerSecond }
}

/// To the nanosecond: a step of a tiny cell takes a few microseconds.
func milliseconds(_ seconds: Double) -> JSONValue { .number((seconds * 1e9).rounded() / 1e6) }

/// Three digits after the point.
func rounded(_ value: Double) -> JSONValue { .number((value * 1000).rounded() / 1000) }
