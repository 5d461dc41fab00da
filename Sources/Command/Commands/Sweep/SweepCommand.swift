internal import EbbFiles
internal import EbbMarkup
internal import EbbSweeps

/// `ebb sweep`: an experiment of many runs, on one machine or as the array of a cluster.
struct SweepCommand: Command {
  let name = "sweep"
  let summary = "runs a whole experiment: many settings and seeds, here or as the array of a cluster"
  let discussion = """
    FILE is an experiment in JSON: a command, the options that vary, and the seeds; --template explains every field.
    Paths in it are relative to the folder in which the command runs. Each task is a run of the command. Its result is
    one file, whole or not at all. Tasks that are finished are not run again; interrupted ones go on from their
    checkpoint; a failed one stops no other.

    On a cluster --script prints what to submit; each job of the array runs one task, --task NUMBER or from
    \(ArrayIndex.names.joined(separator: ", ")). --collect makes tables and a page of the results
    that are there, also while tasks run.
    """
  let options: [Option] = [
    Option(positional: "file", "FILE", "the experiment", standard: ""),
    Option(flag: "template", "prints an experiment with every field explained"),
    Option(flag: "dry-run", "prints the tasks with estimates of time and memory, and runs none"),
    Option("folder", "FOLDER", "where results are kept (the file's name with .sweep)"),
    Option("task", "NUMBER", "runs one task, counted from 1"),
    Option(flag: "others", "under halving: after its own task runs those that go on and nobody is at"),
    Option("processes", "COUNT", "how many tasks run side by side (the cores, divided by the threads of a task)"),
    Option(flag: "retry", "runs failed tasks again"),
    Option("script", "NAME", Scheduler.self, "prints the script of an array: \(schedulers)"),
    Option(flag: "collect", "makes tables and a page of the results"),
    PageWatcher.option("tasks run, with --collect"),
    Option("csv", "FILE", "of --collect: the table (table.csv in the folder)").with(values: .written([.csv])),
    Option("report", "FILE", "of --collect: the page (index.html in the folder)")
      .with(letter: "o", values: .written([.html])),
    .json("of --collect: every reported number"),
    .figures,
  ]
  private static let schedulers = Scheduler.allCases.map(\.rawValue).joined(separator: ", ")

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    if options.isGiven("template") {
      context.output.write(SweepTemplate.text)
      return ExitStatus.success
    }
    let uses = ["dry-run", "task", "script", "collect"].filter(options.isGiven)
    guard uses.count < 2 else { throw UsageError("--\(uses[0]) and --\(uses[1]) exclude each other") }
    for name in ["watch", "csv", "report", "json", "figures"] where options.isGiven(name) && uses != ["collect"] {
      throw UsageError("--\(name) goes with --collect")
    }
    let sweep = try Sweep(options, context)
    guard !options.isGiven("others") || sweep.experiment.halving != nil else {
      throw UsageError("--others is for experiments with the field \"halving\"")
    }
    if options.isGiven("dry-run") { return try SweepPlan(sweep).show() }
    if options.isGiven("script") { return try SweepPlan(sweep).showScript(options.choice("script")) }
    if options.isGiven("collect") { return try SweepCollector(sweep).run() }
    if let task = try options.optionalInteger("task", 1...sweep.tasks.count) {
      return try SweepTaskRun(sweep).run(task)
    }
    if let task = ArrayIndex.task(context.environment) {
      guard task <= sweep.tasks.count else {
        throw UsageError("the scheduler asks for task \(task), and the experiment has \(sweep.tasks.count)")
      }
      return try SweepTaskRun(sweep).run(task)
    }
    return try SweepRunner(sweep).run()
  }
}

/// An experiment that was read and checked, with its folder.
struct Sweep {
  let file: String
  let experiment: Experiment
  let tasks: [SweepTask]
  let folder: SweepFolder
  /// The command of the tasks.
  let command: any Command
  let metrics: [SweepMetric]
  let options: ParsedOptions
  let context: CommandContext

  init(_ options: ParsedOptions, _ context: CommandContext) throws {
    let file = options.text("file") ?? ""
    guard !file.isEmpty else {
      throw UsageError("FILE is missing: the experiment; ebb sweep --template prints one")
    }
    let json: JSONValue
    do {
      json = try JSONValue(parsing: DiskStore().read(file))
    } catch let error as JSONError {
      throw SweepError(file, "\(error)")
    }
    let experiment = try Experiment(json, file: file)
    (self.file, self.experiment, self.options, self.context) = (file, experiment, options, context)
    tasks = experiment.tasks
    let stem = file.hasSuffix(".json") ? String(file.dropLast(5)) : file
    folder = SweepFolder(options.text("folder") ?? stem + ".sweep", of: experiment)
    guard let command = EbbProgram.commands.first(where: { $0.name == experiment.command }), Self.isRunnable(command)
    else {
      let names = EbbProgram.commands.filter(Self.isRunnable).map(\.name)
      throw SweepError(
        "\(file): command", "\(UsageError(unknown: experiment.command, "command", plural: "commands", among: names))")
    }
    self.command = command
    metrics = try SweepMetrics.of(experiment, file)
    try checkArguments()
  }

  /// The commands whose results are numbers of a run with a seed.
  private static func isRunnable(_ command: any Command) -> Bool {
    let names = Set(command.options.map(\.name))
    return names.isSuperset(of: ["seed", "json", "threads"])
  }

  /// Throws if the command does not have one of the options, for every setting.
  private func checkArguments() throws {
    let own = ["json", "checkpoint", "resume", "overwrite", "log", "save", "html"]
    for name in experiment.options.map(\.name) + experiment.variedNames where own.contains(name) {
      throw SweepError("\(file): \(name)", "the files of a task are named by the sweep itself")
    }
    if experiment.halving != nil, !command.options.contains(where: { $0.name == "checkpoint" }) {
      throw SweepError("\(file): halving", "\(command.name) has no training that could go on")
    }
    var checked = -1
    for task in tasks where task.setting != checked {
      checked = task.setting
      do throws(UsageError) {
        _ = try ArgumentReader.read(task.arguments.dropFirst(command.words.count)[...], of: command, context.cells)
      } catch {
        throw SweepError("\(file): task \(task.number), \(task.words)", "\(error)")
      }
    }
  }

  /// The number that decides.
  var best: SweepMetric { metrics.first { $0.name == experiment.best?.metric } ?? metrics[0] }
}
