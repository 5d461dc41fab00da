internal import EbbBench
internal import EbbExecution
internal import EbbMarkup
internal import EbbReport

/// The work of `ebb bench --training` after its options are parsed.
struct TrainingBenchRun {
  /// The rows.
  var tasks: [TrainingTask]
  /// Timed steps of each measurement, at least.
  var runs: Int
  /// Measurements continue until this many seconds are timed.
  var minimumTime: Double
  /// The number of rounds of PyTorch between measurements of Ebb.
  var rounds: Int
  var execution: ExecutionOptions
  /// The destination of the rows; nil for none, `-` for the results' destination without other results.
  var json: String?
  var context: CommandContext

  private var showsTable: Bool { json != "-" }

  /// Times every task; an interrupted run ends after the current one, or before it if PyTorch is running.
  func measure(_ script: PeerScript?) throws {
    let output = context.output
    let machine = Machine.current
    let header: JSONValue = ["machine": machine.json(threads: execution.threads, versions: script?.versions)]
    if json == "-" { output.write(Self.line(header)) }
    var results: [TrainingTaskComparison] = []
    var progress = output.progressLine("bench", total: tasks.count, unit: "rows")
    for (position, task) in tasks.enumerated() where !Interrupts.isRequested {
      if showsTable { progress.update(position, note: task.name) }
      guard let result = try compare(task, with: script) else { continue }
      results.append(result)
      if json == "-" { output.write(Self.line(result.json(threads: execution.threads))) }
    }
    progress.clear()
    if Interrupts.isRequested { output.writeError("interrupted after \(results.count) of \(tasks.count) rows\n") }
    if showsTable, !results.isEmpty {
      let rate = try ProductRate.measure(execution: execution)
      output.write(machine.summary(rate: rate, versions: script?.versions) + "\n")
      output.write(results.table.terminal(output.style))
    }
    guard let json, json != "-" else { return }
    let rows = [header] + results.map { $0.json(threads: execution.threads) }
    let isArray = FileFormat(ofName: json) == .json
    context.save(isArray ? JSONValue.array(rows).text() : rows.map(Self.line).joined(), to: json)
  }

  /// A row; nil if it was interrupted.
  private func compare(_ task: TrainingTask, with script: PeerScript?) throws -> TrainingTaskComparison? {
    do {
      return try TrainingTaskComparison.measure(
        task, script: script, rounds: rounds, runs: runs, minimumTime: minimumTime, execution: execution,
        isCancelled: { Interrupts.isRequested })
    } catch {
      if case .cancelled = error { return nil }
      throw error
    }
  }

  private static func line(_ value: JSONValue) -> String { value.text(indented: false) + "\n" }
}
