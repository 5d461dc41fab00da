internal import EbbReport
internal import EbbSweeps
internal import Foundation

/// The tasks of a sweep before any of them runs: the list with estimates, and the script for a scheduler.
struct SweepPlan {
  private let sweep: Sweep
  private var context: CommandContext { sweep.context }

  init(_ sweep: Sweep) { self.sweep = sweep }

  func show() throws -> Int32 {
    try sweep.folder.check()
    var estimates = SweepEstimates(sweep)
    context.activity?.begin("measuring steps")
    let costs = sweep.tasks.map { estimates.estimate(of: $0) }
    let names = sweep.experiment.variedNames
    let standing = SweepStanding(sweep)
    let states = sweep.tasks.map { try? standing.state(of: $0) }.map { $0 == .finished ? "finished" : "" }
    var columns: [DataTable.Column] = [
      .numbers("task", format: .fixed(0), sweep.tasks.map { Double($0.number) })
    ]
    for name in names {
      columns.append(.text(name, sweep.tasks.map { task in task.varied.first { $0.name == name }?.value.text ?? "" }))
    }
    columns.append(.text("seed", sweep.tasks.map { "\($0.seed)" }))
    columns.append(.text("time", costs.map { cost in cost.map { Self.duration($0.seconds) } ?? "unknown" }))
    columns.append(
      .text("memory", costs.map { cost in cost.flatMap { $0.bytes.map { ByteCount.text($0) } } ?? "unknown" }))
    if states.contains("finished") { columns.append(.text("state", states)) }
    context.output.write(DataTable("", columns: columns).terminal(context.output.style))
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let processes = try sweep.options.optionalInteger("processes") ?? max(1, cores / sweep.experiment.threads)
    let known = costs.compactMap { $0 }
    let total = known.reduce(0) { $0 + $1.seconds }
    let unknown = costs.count - known.count
    context.output.write(
      "\(sweep.tasks.count) tasks, \(processes) side by side on \(cores) cores: about "
        + "\(Self.duration(total / Double(processes)))"
        + (unknown > 0 ? " and \(unknown) tasks of unknown time" : "") + "; each is `\(sweep.command.name)`\n")
    context.output.write(
      "Times follow from a few measured steps of some tasks, memory from the plans; other machines differ.\n")
    return ExitStatus.success
  }

  func showScript(_ scheduler: Scheduler) throws -> Int32 {
    var estimates = SweepEstimates(sweep)
    let costs = sweep.tasks.compactMap { estimates.estimate(of: $0) }
    let seconds = costs.map(\.seconds).max() ?? 3600
    let bytes = costs.compactMap(\.bytes).max() ?? 1e9
    // Three times the estimate, as other machines are slower and tests take their time; and room for the program.
    let needs = TaskNeeds(
      threads: sweep.experiment.threads, mebibytes: (Int(1.5 * bytes / 1_048_576) + 256 + 127) / 128 * 128,
      minutes: max(10, Int((3 * seconds / 60).rounded(.up))))
    let directory = FileManager.default.currentDirectoryPath
    let folder = sweep.folder.path.hasPrefix("/") ? sweep.folder.path : directory + "/" + sweep.folder.path
    let others = sweep.experiment.halving == nil ? [] : ["--others"]
    let command = ([program, "sweep", sweep.file, "--folder", sweep.folder.path] + others).map(PageOrigin.quoted)
      .joined(separator: " ")
    let stem = sweep.file.split(separator: "/").last.map { $0.hasSuffix(".json") ? $0.dropLast(5) : $0 } ?? "sweep"
    // The folder has to be there for the jobs' output.
    try sweep.folder.open()
    context.output.write(
      SchedulerScript(
        name: String(stem), command: command, directory: PageOrigin.quoted(directory),
        output: PageOrigin.quoted(folder + "/work"), tasks: sweep.tasks.count, needs: needs
      ).text(scheduler))
    return ExitStatus.success
  }

  /// How the program was called, with the whole path if it is one.
  private var program: String {
    let called = CommandLine.arguments[0]
    guard called.contains("/") else { return context.program }
    return URL(fileURLWithPath: called).standardizedFileURL.path
  }

  private static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(readableNumber(seconds, digits: 2)) s"
    case ..<5400: "\(readableNumber(seconds / 60, digits: 2)) min"
    case _: "\(readableNumber(seconds / 3600, digits: 2)) h"
    }
  }
}
