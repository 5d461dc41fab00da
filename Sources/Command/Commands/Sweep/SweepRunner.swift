internal import EbbFiles
internal import EbbReport
internal import EbbSweeps
internal import Foundation

/// The tasks of a sweep as processes of this program, side by side.
struct SweepRunner {
  private let sweep: Sweep
  private let processes: Int
  private var folder: SweepFolder { sweep.folder }
  private var output: CommandOutput { sweep.context.output }

  init(_ sweep: Sweep) throws {
    self.sweep = sweep
    let cores = ProcessInfo.processInfo.activeProcessorCount
    processes = try sweep.options.optionalInteger("processes") ?? max(1, cores / sweep.experiment.threads)
  }

  /// One task at work.
  private struct Worker {
    var task: Int
    var process: Process
  }

  private var retries: Bool { sweep.options.isGiven("retry") }

  /// Runs all tasks that can run.
  func run() throws -> Int32 {
    try folder.open()
    Interrupts.listen()
    defer { Interrupts.listenNoMore() }
    if retries {
      for task in sweep.tasks { DiskStore().remove(folder.failure(task.number)) }
    }
    var died: [Int: String] = [:]
    var standing = SweepStanding(sweep)
    try run(&standing, &died)
    return try tell(standing, died)
  }

  /// Starts the next task as soon as there is room; under halving, what goes on comes first.
  private func run(_ standing: inout SweepStanding, _ died: inout [Int: String]) throws {
    var rest = standing.runnable().map(\.task)[...]
    let total = rest.count + waiting(standing)
    var line = output.progressLine("sweep", total: total, unit: "tasks")
    var workers: [Worker] = []
    var (done, failed, isStopping) = (0, 0, false)
    while !workers.isEmpty || (!rest.isEmpty && !isStopping) {
      while workers.count < processes, !isStopping, let task = rest.popFirst() {
        workers.append(Worker(task: task.number, process: try start(task)))
      }
      if Interrupts.isRequested, !isStopping {
        isStopping = true
        for worker in workers { worker.process.terminate() }
      }
      line.update(min(done + failed, total), note: "\(workers.count) running, \(failed) failed")
      let ended = workers.filter { !$0.process.isRunning }
      workers.removeAll { worker in ended.contains { $0.task == worker.task } }
      for worker in ended {
        worker.process.waitUntilExit()
        if let message = try end(of: worker) {
          failed += 1
          if !isStopping { died[worker.task] = message }
        } else {
          done += 1
        }
      }
      if !ended.isEmpty, sweep.experiment.halving != nil {
        standing.refresh()
        let busy = Set(workers.map(\.task)).union(died.keys)
        rest = standing.runnable().map(\.task).filter { !busy.contains($0.number) }[...]
        done = total - failed - rest.count - workers.count - waiting(standing)
      }
      usleep(20_000)
    }
    line.clear()
  }

  /// How many tasks wait for others.
  private func waiting(_ standing: SweepStanding) -> Int {
    sweep.tasks.count { task in
      if case .waits? = try? standing.state(of: task) { true } else { false }
    }
  }

  private func start(_ task: SweepTask) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    process.arguments = ["sweep", sweep.file, "--folder", folder.path, "--task", "\(task.number)"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let messages = folder.work(task.number, "messages.txt")
    try writeAtomically("", to: messages)
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: messages))
    try process.run()
    return process
  }

  /// This program.
  private static var program: String {
    #if os(Linux)
      if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { return path }
    #endif
    return Bundle.main.executablePath ?? CommandLine.arguments[0]
  }

  /// Why the task has no result; nil if it has one.
  private func end(of worker: Worker) throws -> String? {
    let (process, number) = (worker.process, worker.task)
    let isSignal = process.terminationReason == .uncaughtSignal
    let status = process.terminationStatus
    if status == 0, !isSignal { return nil }
    if let record = try folder.record(number), case .failed(_, let reason) = record.outcome { return reason }
    guard isSignal else { return status > 128 ? "interrupted" : lastMessage(number) }
    // A fault of the program would come again; a kill, as of the machine's last memory, need not.
    guard [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE].contains(status) else {
      return "killed by signal \(status)"
    }
    let reason = "ended by signal \(status): \(lastMessage(number))"
    try folder.write(
      TaskRecord(
        sweep.tasks[number - 1], experiment: folder.fingerprint, version: EbbProgram.version,
        outcome: .failed(status: 128 + Int(status), reason: reason)))
    return reason
  }

  private func lastMessage(_ task: Int) -> String {
    let bytes = (try? DiskStore().read(folder.work(task, "messages.txt"))) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last { !$0.hasPrefix("See ") }
      .map(String.init) ?? "no message"
  }

  private func tell(_ standing: SweepStanding, _ died: [Int: String]) throws -> Int32 {
    var (finished, stopped) = (0, 0)
    var failures: [(Int, String)] = []
    for task in sweep.tasks {
      do {
        if case .failed(_, let reason)? = try folder.record(task.number)?.outcome {
          failures.append((task.number, reason))
          continue
        }
        if let reason = died[task.number] { failures.append((task.number, reason)) }
        switch try standing.state(of: task) {
        case .finished: finished += 1
        case .stopped: stopped += 1
        case .runs, .waits: break
        }
      } catch {
        failures.append((task.number, "\(error)"))
      }
    }
    let total = sweep.tasks.count
    let early = sweep.experiment.halving == nil ? "" : ", \(stopped) stopped early"
    output.writeError(
      "\(finished) of \(total) tasks are finished\(early), \(failures.count) failed; in \(folder.path)\n")
    for (task, reason) in failures {
      output.fail(
        SweepError("task \(task), \(sweep.tasks[task - 1].words), seed \(sweep.tasks[task - 1].seed)", reason))
    }
    if Interrupts.isRequested {
      output.writeError("interrupted: the same command goes on\n")
      return Interrupts.status
    }
    output.writeError("\(sweep.context.program) sweep \(sweep.file) --collect makes tables and a page\n")
    return failures.isEmpty ? ExitStatus.success : ExitStatus.failure
  }
}
