internal import EbbExecution
internal import EbbGradientFlow
internal import EbbReport

/// What `ebb bench` does once its options are understood.
struct Bench {
  var rows: [(name: String, size: StepBenchmark.Size)]
  /// Timed runs of each measurement, at least.
  var runs: Int
  /// Measurements go on until so many seconds are timed.
  var minimumTime: Double
  /// How often the others are measured between measurements of Ebb.
  var rounds: Int
  var execution: ExecutionOptions
  /// Whether the gradient's norms are computed as well.
  var norms: Bool
  var asJSON: Bool
  var context: CommandContext

  /// Times every row.
  func measure() throws {
    var results: [(cell: String, result: StepBenchmark)] = []
    let rate = try forEachRow { name, size, rate in
      let cell = try context.cells.cell(name, units: size.units)
      let result = try StepBenchmark.measure(
        cell, size, runs: runs, minimumTime: minimumTime, gradientNorms: norms, execution: execution)
      results.append((name, result))
      return result.json(cell: name, rate: rate)
    }
    if !asJSON {
      write(Machine.current.summary(rate: rate))
      write(StepBenchmark.table(results, rate: rate))
    }
  }

  /// Times every row between measurements of Ebb.
  func compare(with script: PeerScript) throws {
    for name in script.missing {
      context.output.writeError("\(script.interpreter) has no \(name): it is left out\n")
    }
    let machine = Machine.current
    if asJSON { write(["machine": machine.json(threads: execution.threads, versions: script.versions)]) }
    var results: [StepComparison] = []
    let rate = try forEachRow { name, size, rate in
      let cell = try context.cells.cell(name, units: size.units)
      let result = try StepComparison.measure(
        name, cell, size, script: script, rounds: rounds, runs: runs, minimumTime: minimumTime, execution: execution)
      results.append(result)
      return result.json(rate: rate)
    }
    let mean = results.meanRatio
    if asJSON {
      write([
        "rows": .integer(results.count), "mean_ratio": mean.map { .number($0) } ?? .null,
        "roof_gflops": .number(1e-9 * rate.operationsPerSecond),
      ])
    } else {
      write(machine.summary(rate: rate, versions: script.versions))
      write(results.table(rate: rate))
      write(mean.map { "geometric mean of the ratios: \(readableNumber($0))" } ?? "no other framework has these cells")
    }
  }

  /// Works on each row, with a line of progress or, as JSON, a line of results. The machine's own rate is measured
  /// before each and the largest so far kept; returns that.
  private func forEachRow(
    _ body: (_ name: String, _ size: StepBenchmark.Size, _ rate: ProductRate) throws -> JSONValue
  ) throws -> ProductRate {
    let output = context.output
    var progress = ProgressLine(
      "bench", total: rows.count, unit: "rows", style: output.style, isTerminal: output.isTerminal,
      write: output.writeError)
    var largest = ProductRate(threads: execution.threads)
    for (position, row) in rows.enumerated() {
      if !asJSON { progress.update(position, note: "\(row.name) \(row.size.name)") }
      largest = max(largest, try ProductRate.measure(execution: execution))
      let line = try body(row.name, row.size, largest)
      if asJSON { write(line) }
    }
    progress.clear()
    return largest
  }

  private func write(_ value: JSONValue) { context.output.write(value.text(indented: false) + "\n") }
  private func write(_ line: String) { context.output.write(line + "\n") }
  private func write(_ table: DataTable) { context.output.write(table.terminal(context.output.style)) }
}
