internal import EbbFiles
internal import EbbMarkup
internal import EbbSweeps
internal import Foundation

/// One task of a sweep, in this process: a signal reaches the training itself.
struct SweepTaskRun {
  private let sweep: Sweep
  private var folder: SweepFolder { sweep.folder }
  private var output: CommandOutput { sweep.context.output }

  init(_ sweep: Sweep) { self.sweep = sweep }

  /// Runs the task with this number, unless it is done.
  func run(_ number: Int) throws -> Int32 {
    let task = sweep.tasks[number - 1]
    try folder.open()
    var standing = SweepStanding(sweep)
    let status = try runOwn(task, &standing)
    guard status <= 128, sweep.options.isGiven("others") else { return status }
    return try runOthers(&standing) ?? status
  }

  /// Runs the task as far as it can go by now.
  private func runOwn(_ task: SweepTask, _ standing: inout SweepStanding) throws -> Int32 {
    // Another process may be at it: an array that was submitted twice.
    let lock = try FileLock(for: folder.work(task.number, "task"))
    defer { withExtendedLifetime(lock) {} }
    if case .failed(_, let reason)? = try folder.record(task.number)?.outcome {
      guard sweep.options.isGiven("retry") else {
        output.writeError("task \(task.number) has failed, and --retry runs it again: \(reason)\n")
        return ExitStatus.failure
      }
      DiskStore().remove(folder.failure(task.number))
      standing = SweepStanding(sweep)
    }
    while true {
      switch try standing.state(of: task) {
      case .finished:
        output.writeError("task \(task.number) is finished\n")
        return ExitStatus.success
      case .stopped(let steps):
        output.writeError("task \(task.number) was stopped after \(steps) steps: other settings were better\n")
        return ExitStatus.success
      case .waits(let steps):
        output.writeError("task \(task.number) has made \(steps) steps and waits for the others\n")
        return ExitStatus.success
      case .runs(let steps):
        let status = try run(task, rung: sweep.experiment.halving == nil ? nil : steps)
        guard status == ExitStatus.success, sweep.experiment.halving != nil else { return status }
        standing.refresh()
      }
    }
  }

  /// Runs tasks that go on while nobody is at them, until there is none; so an array of jobs comes to its end, although
  /// most jobs have ended before the others of their rung.
  ///
  /// - Returns: The status if a signal has ended this; otherwise nil. What fails is recorded.
  private func runOthers(_ standing: inout SweepStanding) throws -> Int32? {
    let first = sweep.experiment.halving?.steps.first ?? 0
    var tried: Set<Int> = []
    while true {
      standing.refresh()
      // A task that has not begun has a job of its own.
      let found = standing.runnable().filter { $0.steps > first && !tried.contains($0.task.number) }
      guard let (task, steps) = found.first else { return nil }
      tried.insert(task.number)
      guard let lock = try? FileLock(for: folder.work(task.number, "task")) else { continue }
      defer { withExtendedLifetime(lock) {} }
      standing.refresh()
      guard try standing.state(of: task) == .runs(steps: steps) else { continue }
      let status = try run(task, rung: steps)
      if status > 128 { return status }
      tried = []
    }
  }

  private func run(_ task: SweepTask, rung: Int?) throws -> Int32 {
    try writeAtomically("\(getpid())\n", to: folder.work(task.number, "begun"))
    let tail = MessageTail()
    let messages = CommandOutput(
      write: { _ in },
      writeError: { [output] text in
        tail.add(text)
        output.writeError(text)
      })
    let arguments = arguments(task, rung: rung)
    if arguments.contains("--resume") { output.writeError("task \(task.number) is going on from its checkpoint\n") }
    let status = EbbProgram.run(
      cells: sweep.context.cells, arguments: arguments, program: sweep.context.program,
      output: messages)
    if status > 128 {
      // The numbers are those of a part; the checkpoint has the training.
      folder.clean(task.number, ["numbers.json"])
      return status
    }
    let isLast = rung == nil || rung == sweep.experiment.halving?.steps.last
    let outcome: TaskRecord.Outcome =
      status == ExitStatus.success
      ? .finished(numbers: try JSONValue(parsing: DiskStore().read(folder.work(task.number, "numbers.json"))))
      : .failed(status: Int(status), reason: tail.reason)
    let record = TaskRecord(
      task, experiment: folder.fingerprint, version: EbbProgram.version, rung: rung, outcome: outcome)
    try Interrupts.protect { try folder.write(record) }
    let files = ["begun", "numbers.json"] + (isLast ? ["checkpoint.safetensors"] : [])
    folder.clean(task.number, status == ExitStatus.success ? files : ["begun", "numbers.json"])
    return status
  }

  /// The task's arguments with its files.
  private func arguments(_ task: SweepTask, rung: Int?) -> [String] {
    var arguments = task.arguments
    if let rung { arguments += ["--steps", "\(rung)"] }
    for option in sweep.command.options {
      switch option.name {
      case "json": arguments += ["--json", folder.work(task.number, "numbers.json")]
      case "html": arguments += ["--html", folder.product(task.number, "html")]
      case "save" where option.standard != nil: arguments += ["--save", folder.product(task.number, "safetensors")]
      case "checkpoint":
        let path = folder.work(task.number, "checkpoint.safetensors")
        arguments += ["--checkpoint", path] + (DiskStore().holdsFile(path) ? ["--resume"] : [])
      case _: break
      }
    }
    return arguments
  }
}

/// The last messages of a command.
private final class MessageTail {
  private var text = ""

  func add(_ more: String) { text = String((text + more).suffix(2000)) }

  /// The lines of the error, without the advice to ask for help.
  var reason: String {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("See ") && !$0.hasPrefix("wrote ") }
    return lines.suffix(3).joined(separator: "\n")
  }
}
