internal import EbbExecution
internal import EbbReport
internal import EbbTraining

/// `ebb train --task`: a cell on a task of the literature, beside what is reached without a memory.
extension TrainCommand {
  static let taskNames = TaskLibrary.allCases.map(\.rawValue) + ["digits", "digits-permuted"]
  private static let standard = TaskSettings()

  /// Trains on the task that `--task` names.
  func runTask(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let task = try task(options)
    let name = options.cellName(of: context.cells)
    let units = try options.integer("hidden")
    var settings = Self.standard
    settings.batchSize = try options.integer("batch")
    settings.steps = try options.integer("steps")
    let rule = try OptimizerOptions(options, rate: Self.rate, steps: settings.steps)
    settings.optimizer = rule.optimizer
    settings.seed = try options.seed()
    settings.evaluationInterval = max(1, min(settings.evaluationInterval, settings.steps / 10))
    let samples = max(settings.batchSize, 250)
    try options.checkSize(
      length: task.length, batch: samples, features: max(task.features, task.answer.outputs), units: units)
    let cell = try context.cells.cell(name, units: units)
    let execution = try options.execution()
    try context.checkCanSave(to: options.text("save"), options.text("json"))
    let files = try TrainingFiles(options, decisive: Self.decisive, context)
    try context.announce(
      name, cell,
      WorkSizes(
        length: task.length, batch: samples, features: task.features, units: units, steps: settings.steps,
        execution: execution))
    context.activity?.begin("drawing the first values")
    let trainer = try TaskTrainer(cell, task, settings, options: execution)
    let record = try files.begin(
      trainer.trainer, total: settings.steps, rateFollowsSteps: options.text("schedule") != "constant",
      data: (task as? SequentialDigits)?.fingerprint)
    context.activity?.begin("training \(name)")
    let report = try train(trainer, rule.schedule, name, files, record, context.output)
    let isInterrupted = report.run.end == .callback && !trainer.isSolved(by: report.final)
    if isInterrupted { context.output.writeError(files.advice(trainer.trainer)) }
    let file = options.text("json")
    if file != "-" { show(report, name, context.output) }
    if let path = options.text("save") {
      let model = try trainer.file(cell: name, units: units)
      context.output.writeFile(path) { try model.write(to: path) }
    }
    if let file { context.save(report.json(cell: name, units: units).text(), to: file) }
    return isInterrupted ? Interrupts.status : ExitStatus.success
  }

  /// Trains with a line of progress, a log and checkpoints; a signal ends the training after its step.
  private func train(
    _ task: TaskTrainer, _ schedule: LearningRateSchedule, _ name: String, _ files: TrainingFiles,
    _ record: TrainingRecord, _ output: CommandOutput
  ) throws -> TaskReport {
    let trainer = task.trainer
    var line = ProgressLine(
      "training \(name)", total: task.settings.steps - trainer.state.step, unit: "steps", style: output.style,
      isTerminal: output.isTerminal, write: output.writeError)
    defer { line.clear() }
    return try task.train(schedule: schedule) { state, evaluation throws(TrainingError) in
      line.update(
        state.completed,
        note: "loss \(readableNumber(state.recentLoss)), without memory "
          + "\(readableNumber(task.task.baseline.loss)), \(readableNumber(100 * evaluation.accuracy))% right")
      let isEvaluated = evaluation.step == trainer.state.step
      record.append(
        state, trainer, isEvaluated ? ["loss/held out": evaluation.loss, "accuracy": evaluation.accuracy] : [:])
      let isInterrupted = Interrupts.isRequested
      let isAtEnd = state.completed == state.total || task.isSolved(by: evaluation)
      files.save(trainer, now: isInterrupted || isAtEnd)
      return isInterrupted ? .stop : .continue
    }
  }

  private func task(_ options: ParsedOptions) throws -> any SequenceTask {
    let name = try options.required("task")
    if name == "digits" || name == "digits-permuted" {
      guard let folder = options.text("data") else {
        throw UsageError("--task \(name) takes --data FOLDER, the folder with the four files of the digits")
      }
      guard !options.isGiven("length") else { throw UsageError("--length: the digits have as many steps as pixels") }
      return try SequentialDigits(folder: folder, permutationSeed: name == "digits" ? nil : 1)
    }
    guard let entry = TaskLibrary(rawValue: name) else {
      throw UsageError(
        "there is no task \(name); the tasks are \(Self.taskNames.joined(separator: ", "))"
          + Spelling.question(name, among: Self.taskNames))
    }
    guard !options.isGiven("data") else { throw UsageError("--task \(name) draws its sequences and takes no --data") }
    return entry.task(length: try options.integer("length", entry.shortest...Int(Int32.max)))
  }

  private func show(_ report: TaskReport, _ name: String, _ output: CommandOutput) {
    output.write(report.lossChart.terminal(output.style, rows: 10) + "\n")
    let (final, baseline) = (report.final, report.baseline)
    func percent(_ fraction: Double) -> String { readableNumber(100 * fraction) + "%" }
    let outcome = report.solvedAfter.map { "solved in \($0) steps" } ?? "not solved in \(final.step) steps"
    output.write(
      """
      \(report.task)
      \(name): loss \(readableNumber(final.loss)), \(percent(final.accuracy)) of the answers right, on \
      \(final.sequences) new sequences
      without memory: loss \(readableNumber(baseline.loss)), \(percent(baseline.accuracy)) right \
      (\(baseline.strategy))
      \(outcome); solved means \(report.criterion)

      """)
    if let skipped = report.run.skippedText { output.write(skipped + "\n") }
  }
}

extension TaskReport {
  /// The loss on sequences that were not trained on as training went, beside that of the baseline.
  var lossChart: Chart {
    .line(
      LineChart(
        "Loss on new sequences: \(task)", x: ChartAxis("training step"), y: ChartAxis("loss"),
        series: [ChartSeries("loss", x: evaluations.map { Double($0.step) }, y: evaluations.map(\.loss))],
        references: [ReferenceLine(.y, at: baseline.loss, label: "without memory")]))
  }

  /// Every number, for files and other programs.
  func json(cell: String, units: Int) -> JSONValue {
    [
      "cell": .string(cell), "units": .integer(units), "task": .string(task), "isSolved": .bool(isSolved),
      "solvedAfter": solvedAfter.map { .integer($0) } ?? .null, "criterion": .string(criterion.description),
      "baselineLoss": .number(baseline.loss), "baselineAccuracy": .number(baseline.accuracy),
      "stepsPerSecond": .number(run.stepsPerSecond), "skippedSteps": .integer(run.skippedSteps),
      "firstStep": .integer(run.firstStep), "losses": .numbers(run.losses),
      "evaluations": .array(
        evaluations.map {
          [
            "step": .integer($0.step), "loss": .number($0.loss), "accuracy": .number($0.accuracy),
            "wrongSequences": .number($0.wrongSequences), "sequences": .integer($0.sequences),
          ]
        }),
    ]
  }
}
