internal import EbbBench
internal import EbbExecution
internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbReport

/// The work of `ebb bench` after its options are parsed.
struct BenchRun {
  /// Those of the program, and those of the benchmark.
  var cells: CellLibrary
  var rows: [(name: String, size: TrainingStepBenchmark.Size)]
  /// Timed runs of each measurement, at least.
  var runs: Int
  /// Measurements continue until this many seconds are timed.
  var minimumTime: Double
  /// The number of rounds of other frameworks between measurements of Ebb.
  var rounds: Int
  var execution: ExecutionOptions
  /// Whether the gradient's norms are computed as well.
  var norms: Bool
  /// The destination of one JSON object per line; nil for none, `-` for the results' destination without other results.
  var json: String?
  var context: CommandContext
  /// The rows for a file.
  var results: [JSONValue] = []

  private var showsTable: Bool { json != "-" }

  /// Times every row.
  mutating func measure() throws {
    var results: [(cell: String, result: TrainingStepBenchmark)] = []
    let rate = try forEachRow { bench, name, size, rate in
      let cell = try bench.cells.cell(name, units: size.units)
      let result = try TrainingStepBenchmark.measure(
        cell, size, runs: bench.runs, minimumTime: bench.minimumTime, gradientNorms: bench.norms,
        execution: bench.execution)
      results.append((name, result))
      return result.json(cell: name, rate: rate)
    }
    if showsTable, !results.isEmpty {
      write(Machine.current.summary(rate: rate))
      write(TrainingStepBenchmark.table(results, rate: rate))
    }
    save()
  }

  /// Times every row between measurements of Ebb.
  mutating func compare(with script: PeerScript) throws {
    for name in script.missing {
      context.output.writeError("\(script.interpreter) has no \(name): it is left out\n")
    }
    let machine = Machine.current
    add(["machine": machine.json(threads: execution.threads, versions: script.versions)])
    var results: [TrainingStepComparison] = []
    let rate = try forEachRow { bench, name, size, rate in
      let cell = try bench.cells.cell(name, units: size.units)
      let result = try TrainingStepComparison.measure(
        name, cell, size, script: script, rounds: bench.rounds, runs: bench.runs, minimumTime: bench.minimumTime,
        execution: bench.execution, isCancelled: { Interrupts.isRequested })
      results.append(result)
      return result.json(rate: rate)
    }
    let mean = results.meanRatio
    add([
      "rows": .integer(results.count), "mean_ratio": mean.map { .number($0) } ?? .null,
      "roof_gflops": .number(1e-9 * rate.operationsPerSecond),
    ])
    if showsTable, !results.isEmpty {
      write(machine.summary(rate: rate, versions: script.versions))
      write(results.table(rate: rate))
      write(mean.map { "geometric mean of the ratios: \(readableNumber($0))" } ?? "no other framework has these cells")
    }
    save()
  }

  /// Processes each row, with a progress line or, for JSON, a line of results. Measures the machine's rate before each
  /// row and returns the largest. An interrupted run ends after the current row, or before it if another program is
  /// running.
  private mutating func forEachRow(
    _ body: (_ bench: BenchRun, _ name: String, _ size: TrainingStepBenchmark.Size, _ rate: ProductRate) throws ->
      JSONValue
  ) throws -> ProductRate {
    let output = context.output
    var progress = output.progressLine("bench", total: rows.count, unit: "rows")
    var largest = ProductRate(threads: execution.threads)
    var done = 0
    for (position, row) in rows.enumerated() where !Interrupts.isRequested {
      if showsTable { progress.update(position, note: "\(row.name) \(row.size.name)") }
      largest = max(largest, try ProductRate.measure(execution: execution))
      do {
        add(try body(self, row.name, row.size, largest))
        done += 1
      } catch BenchError.cancelled {
        // The reason is queried below.
      }
    }
    progress.clear()
    if Interrupts.isRequested { output.writeError("interrupted after \(done) of \(rows.count) rows\n") }
    return largest
  }

  /// Adds a row; standard output receives it as soon as it is measured.
  private mutating func add(_ value: JSONValue) {
    if json == "-" { context.output.write(Self.line(value)) } else { results.append(value) }
  }

  /// An array in a file with the extension of JSON, one row per line in others.
  private func save() {
    guard let json, json != "-" else { return }
    let isArray = FileFormat(ofName: json) == .json
    context.save(isArray ? JSONValue.array(results).text() : results.map(Self.line).joined(), to: json)
  }

  private static func line(_ value: JSONValue) -> String { value.text(indented: false) + "\n" }

  private func write(_ line: String) { context.output.write(line + "\n") }
  private func write(_ table: DataTable) { context.output.write(table.terminal(context.output.style)) }
}
