internal import EbbApplications
internal import EbbExecution
internal import EbbMarkup
internal import EbbRanks
internal import EbbReport
internal import EbbStudies
internal import EbbTraining

/// `ebb train`: trains a cell on a task of the literature, with the baseline without memory.
struct TrainCommand: Command {
  let name = "train"
  let summary = "trains a cell on a task that needs a memory"
  let discussion = """
    The cell learns a task of the literature, and is tested on new sequences as it goes. The tasks:
    \(taskNames.joined(separator: ", ")).

    What forecasts a column of a file is ebb forecast train.
    """
  static let taskNames = TaskLibrary.allCases.map(\.rawValue) + ["digits", "digits-permuted"]
  private static let rate = 3e-3
  private static let standard = TaskSettings()
  let options: [Option] =
    [
      Option("task", "NAME", "the task: one of those below").with(values: .words(taskNames)),
      Option("length", "STEPS", "steps of the task's sequences", standard: "50"),
      Option("data", "FOLDER", "of the digits: the folder with their files"),
      .cell, .given, .hidden(32),
      Option("steps", "COUNT", "training steps", standard: "1000"), .batch(32), .seeds,
    ] + RankedTraining.options + OptimizerOptions.options(rate: rate, schedule: .constant)
    + ParameterGradientClipping.options(limit: 1) + [
      Option("save", "FILE", "writes the network as safetensors")
        .with(letter: "o", values: .written([.safetensors]))
    ] + TrainingRunner.options
  let absentOptions = ["epochs": "a task draws new sequences at each step; give --steps"].merging(
    SampleOptions.absent(
      "a task draws new sequences at each step, which have no order", classes: "a task draws all classes alike")
  ) { $1 }

  /// A training that is ready to run.
  private struct Ready {
    var trainer: TaskTrainer
    var schedule: LearningRateSchedule
    var runner: TrainingRunner
    var name: String
    var units: Int
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let single = ["save", "watch", "figures", "log", "tensorboard", "checkpoint", "resume", "overwrite", "ranks"]
    if let seeds = try options.severalSeeds(without: single) { return try run(seeds, options, context) }
    return try RankedTraining.run(options, context, train)
  }

  /// One training, by this process or by several.
  private func train(_ options: ParsedOptions, _ context: CommandContext, _ group: any RankGroup) throws -> Int32 {
    let ready = try prepare(options, context)
    ready.trainer.trainer.sharding = try RankedTraining.sharding(options, group)
    let (runner, name) = (ready.runner, ready.name)
    let result = try train(ready)
    context.show(options) { output in
      show(result, name, output)
      for line in runner.gradients.lines { output.write(line + "\n") }
    }
    try runner.saveModel(ready.trainer.file(cell: name, units: ready.units))
    runner.savePage(result.findings(name))
    runner.saveNumbers(result.json(cell: name, units: ready.units))
    return runner.status
  }

  /// The training with several seeds, one after the other.
  private func run(_ seeds: [UInt64], _ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    var runs: [TaskRuns.Run] = []
    var last: Ready?
    for seed in seeds where last?.runner.isInterrupted != true {
      context.output.writeError("seed \(seed), \(runs.count + 1) of \(seeds.count)\n")
      let ready = try prepare(options.with(seed: seed), context, announces: last == nil)
      let result = try train(ready)
      last = ready
      // What was stopped halfway is no result beside the others.
      guard !ready.runner.isInterrupted else { break }
      runs.append(TaskRuns.Run(seed: seed, result: result, gradients: ready.runner.gradients.history))
    }
    guard let last, !runs.isEmpty else {
      context.output.writeError("interrupted before the first seed was done: nothing is written\n")
      return Interrupts.status
    }
    let (together, name, units) = (TaskRuns(runs), last.name, last.units)
    context.show(options) { output in
      output.write(together.lossChart.terminal(output.style, rows: 10) + "\n")
      output.write(runs[0].result.task + "\n")
      for line in together.lines(name) { output.write(line + "\n") }
    }
    context.savePage(together.page(cell: name, units: units), to: options.text("report"), options)
    context.saveNumbers(options, together.json(cell: name, units: units))
    return last.runner.status
  }

  /// - Parameter announces: Whether the cost of large work is told.
  private func prepare(
    _ options: ParsedOptions, _ context: CommandContext, announces: Bool = true
  ) throws -> Ready {
    guard options.isGiven("task") || !options.isGiven("data") else {
      throw UsageError("a column of a file is forecast by ebb forecast train FILE --target COLUMN")
    }
    let task = try Self.task(options)
    let name = options.cellName(of: context.cells)
    let units = try options.integer("hidden")
    var settings = Self.standard
    settings.batchSize = try options.integer("batch")
    settings.steps = try options.integer("steps")
    let rule = try OptimizerOptions(options, rate: Self.rate, steps: settings.steps)
    settings.optimizer = rule.optimizer
    settings.clipping = try ParameterGradientClipping(options)
    settings.seed = try options.seed()
    settings.evaluationInterval = max(1, min(settings.evaluationInterval, settings.steps / 10))
    let samples = max(settings.batchSize, 250)
    var sizes = WorkSizes(
      length: task.length, batch: samples, features: max(task.features, task.answer.outputs), units: units,
      steps: settings.steps)
    try options.check(sizes)
    let cell = try context.cells.cell(name, units: units)
    let runner = try TrainingRunner(options, of: self, context)
    (sizes.features, sizes.execution) = (task.features, runner.execution)
    if announces { try context.announce(name, cell, sizes) }
    context.activity?.begin("drawing the first values")
    let trainer = try TaskTrainer(cell, task, settings, options: runner.execution)
    try runner.begin(
      trainer.trainer,
      TrainingPlan(
        steps: settings.steps, rateFollowsSteps: options.text("schedule") != "constant",
        data: (task as? SequentialDigits)?.fingerprint),
      page(trainer, name, units))
    context.activity?.begin("training \(name)")
    return Ready(trainer: trainer, schedule: rule.schedule, runner: runner, name: name, units: units)
  }

  private func page(_ trainer: TaskTrainer, _ name: String, _ units: Int) -> TrainingPage {
    TrainingPage(
      title: "\(name), trained on \(trainer.task.name)",
      lead: """
        `\(name)` with \(units) units is trained on \(trainer.task.name). While it learns, the gradient of its loss is \
        followed back through time on batches of its training.
        """,
      details: [
        .init("cell", name), .init("units", "\(units)"), .init("samples of a step", "\(trainer.settings.batchSize)"),
        .init("seed", "\(trainer.settings.seed)"),
      ])
  }

  private func train(_ ready: Ready) throws -> TaskTrainingResult {
    let (trainer, runner) = (ready.trainer, ready.runner)
    return try runner.train("training \(ready.name)") { () throws(TrainingError) in
      try trainer.train(schedule: ready.schedule) { state, evaluation in
        let isNew = evaluation.step == trainer.trainer.stepCount
        return runner.progress(
          state,
          note: "loss \(readableNumber(state.recentLoss)), without memory "
            + "\(readableNumber(trainer.task.baseline.loss)), \(readableNumber(100 * evaluation.accuracy))% right",
          measured: isNew ? [TrainingPage.heldOutLoss: evaluation.loss, "accuracy": evaluation.accuracy] : [:],
          isAtEnd: isNew && trainer.isSolved(by: evaluation))
      }
    }
  }

  static func task(_ options: ParsedOptions) throws -> any SequenceTask {
    let name = try options.required("task")
    if name == "digits" || name == "digits-permuted" {
      guard let folder = options.text("data") else {
        throw UsageError("--task \(name) takes --data FOLDER, the folder with the four files of the digits")
      }
      guard !options.isGiven("length") else { throw UsageError("--length: the digits have as many steps as pixels") }
      return try SequentialDigits(folder: folder, permutationSeed: name == "digits" ? nil : 1)
    }
    guard let entry = TaskLibrary(rawValue: name) else {
      throw UsageError(unknown: name, "task", plural: "tasks", among: Self.taskNames)
    }
    guard !options.isGiven("data") else { throw UsageError("--task \(name) draws its sequences and takes no --data") }
    return entry.task(length: try options.integer("length", entry.shortest...Int(Int32.max)))
  }

  private func show(_ result: TaskTrainingResult, _ name: String, _ output: CommandOutput) {
    output.write(result.lossChart.terminal(output.style, rows: 10) + "\n")
    output.write(result.task + "\n")
    for line in result.lines(name) { output.write(line + "\n") }
    if let skipped = result.run.skippedText { output.write(skipped + "\n") }
  }
}

extension TaskTrainingResult {
  /// The result beside that without memory, and whether the task is solved.
  func lines(_ cell: String) -> [String] {
    func percent(_ fraction: Double) -> String { readableNumber(100 * fraction) + "%" }
    let outcome = solvedAfter.map { "solved in \($0) steps" } ?? "not solved in \(final.step) steps"
    return [
      "\(cell): loss \(readableNumber(final.loss)), \(percent(final.accuracy)) of the answers right, on "
        + "\(final.sequences) new sequences",
      "without memory: loss \(readableNumber(baseline.loss)), \(percent(baseline.accuracy)) right "
        + "(\(baseline.strategy))",
      "\(outcome); solved means \(criterion)",
    ]
  }

  /// The same as sentences.
  func findings(_ cell: String) -> [String] {
    lines("`\(cell)`").map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
  }
}
