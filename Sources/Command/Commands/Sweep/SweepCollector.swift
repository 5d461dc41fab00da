internal import EbbFiles
internal import EbbMarkup
internal import EbbReport
internal import EbbSweeps
internal import Foundation

/// The tables and the page of a sweep's results, also while tasks run.
struct SweepCollector {
  private let sweep: Sweep
  private let page: String
  private let csv: String
  private var context: CommandContext { sweep.context }
  private var options: ParsedOptions { sweep.options }

  init(_ sweep: Sweep) throws {
    self.sweep = sweep
    page = sweep.options.text("report") ?? sweep.folder.path + "/index.html"
    csv = sweep.options.text("csv") ?? sweep.folder.path + "/table.csv"
    try sweep.folder.check()
    try makeFolder(sweep.folder.path)
    try context.checkCanSave(to: page, csv, options.text("json"))
    try context.checkCanSaveFigures(options)
  }

  func run() throws -> Int32 {
    var collection = try collect()
    if options.isGiven("watch"), !collection.isComplete {
      guard page != "-" else { throw UsageError("--watch needs a file that a browser can load again: --report FILE") }
      var watcher = PageWatcher(page, of: "tasks", context)
      Interrupts.listen()
      while !collection.isComplete, !Interrupts.isRequested {
        watcher.update(
          collection.counts,
          fraction: Double(collection.runs.count { $0.numbers != nil }) / Double(collection.runs.count), context.output
        ) { collection.page(running: $0) }
        usleep(500_000)
        collection = try collect()
      }
    }
    context.show(options) { output in
      let table = collection.settingTable(isBrief: true)
      if table.rowCount > 0 { output.write(table.terminal(output.style) + "\n") }
      for run in collection.runs {
        // A reason is a sentence, which a table would cut.
        guard case .failed(let reason) = run.state else { continue }
        output.write("task \(run.task.number), \(run.task.words), seed \(run.task.seed), failed: \(reason)\n")
      }
      for finding in collection.findings { output.write("• " + finding + "\n") }
    }
    context.save(collection.taskTable.csv, to: csv)
    context.saveNumbers(options, collection.json)
    context.savePage(collection.page(), to: page, options)
    return ExitStatus.success
  }

  /// Reads what is there. A record that cannot be read is named, and its task counts as failed.
  private func collect() throws -> SweepCollection {
    let standing = SweepStanding(sweep)
    let runs = sweep.tasks.map { task -> SweepCollection.Run in
      do {
        return try run(of: task, standing)
      } catch {
        return SweepCollection.Run(task: task, state: .failed("\(error)"))
      }
    }
    return SweepCollection(
      name: sweep.file.split(separator: "/").last.map(String.init) ?? sweep.file, experiment: sweep.experiment,
      runs: runs, metrics: sweep.metrics, best: sweep.best, gradientPath: SweepMetrics.gradientPath(sweep.command.name))
  }

  private func run(of task: SweepTask, _ standing: SweepStanding) throws -> SweepCollection.Run {
    guard let halving = sweep.experiment.halving else {
      guard let record = try sweep.folder.record(task.number) else { return begun(task) }
      return run(task, record, .finished)
    }
    switch try standing.state(of: task) {
    case .finished: return try run(task, sweep.folder.record(task.number, rung: halving.steps.last), .finished)
    case .stopped(let steps):
      return try run(task, sweep.folder.record(task.number, rung: steps), .stopped(steps: steps))
    case .waits(let steps):
      return try run(task, sweep.folder.record(task.number, rung: steps), .waits(steps: steps))
    case .runs(let steps):
      // The numbers meanwhile are those of the rung before.
      guard let before = halving.steps.last(where: { $0 < steps }) else { return begun(task) }
      return try run(
        task, sweep.folder.record(task.number, rung: before),
        sweep.folder.hasBegun(task.number) ? .begun(steps: before) : .waits(steps: before))
    }
  }

  private func begun(_ task: SweepTask) -> SweepCollection.Run {
    SweepCollection.Run(task: task, state: sweep.folder.hasBegun(task.number) ? .begun() : .missing)
  }

  private func run(
    _ task: SweepTask, _ record: TaskRecord?, _ state: SweepCollection.State
  ) -> SweepCollection.Run {
    switch record?.outcome {
    case .finished(let numbers): SweepCollection.Run(task: task, state: state, numbers: numbers)
    case .failed(_, let reason): SweepCollection.Run(task: task, state: .failed(reason))
    case nil: begun(task)
    }
  }
}
