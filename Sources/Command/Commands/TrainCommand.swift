internal import EbbExecution
internal import EbbInterchange
internal import EbbReport
internal import EbbTraining

/// `ebb train`: a cell that forecasts a column of a file, or that is trained on a task of the literature.
struct TrainCommand: Command {
  let name = "train"
  let summary = "trains a cell to forecast a column of a CSV file, or on a task that needs a memory"
  let discussion = """
    The last part of the series is held out; nothing of it is seen in training, not even for the scale. Persistence is
    the forecast that the next value is the last one. Errors are root mean squares in the units of the column.

    With --task, the cell learns a task of the literature instead, and is tested on new sequences as it goes. The tasks:
    \(taskNames.joined(separator: ", ")).
    """
  private static let standard = ForecastSettings()
  let options: [Option] =
    [
      Option("task", "NAME", "a task instead of a file: one of those above"),
      Option("length", "STEPS", "steps of the task's sequences", standard: "50"),
      Option("data", "FILE", "the CSV file; of the digits the folder"),
      Option("column", "COLUMN", "its name, or its number from 1"),
      .cell, .hidden(32),
      Option("steps", "COUNT", "training steps", standard: "\(standard.steps)"),
      Option("window", "VALUES", "values that are read before each forecast", standard: "\(standard.window)"),
      Option("batch", "SAMPLES", "windows of a training step", standard: "\(standard.batchSize)"),
      Option("rate", "RATE", "the learning rate at the first step", standard: "\(standard.learningRate)"),
      Option("held-out", "FRACTION", "the last part, for the test", standard: "\(standard.heldOutFraction)"),
      Option("save", "FILE", "writes the parameters as safetensors"),
      Option("json", "FILE", "writes every number as JSON; - for standard output, and nothing else there"),
      .seed, .threads, TensorBoard.option,
    ] + TrainingFiles.options
  private static let decisive = ["column", "cell", "hidden", "steps", "window", "batch", "rate", "held-out", "seed"]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    if options.isGiven("task") { return try runTask(options, context) }
    if options.isGiven("length") { throw UsageError("--length belongs to --task; see --window for files") }
    let settings = try ForecastSettings(options)
    let name = options.cellName(of: context.cells)
    let units = try options.integer("hidden")
    try options.checkSize(length: settings.window, batch: settings.batchSize, features: 1, units: units)
    let cell = try context.cells.cell(name, units: units)
    let execution = ExecutionOptions(
      threads: try options.integer("threads", 1...256),
      memoryBudget: try options.optionalInteger("memory-budget", 1...Int.max))
    let (path, column) = (try options.required("data"), try options.required("column"))
    let table = try CSVTable(contentsOf: path)
    var series = try TimeSeries(table, column: column)
    // A column that was given by number has a name all the same.
    if let name = try table.header?[table.position(ofColumn: column)], !name.isEmpty { series.name = name }
    try context.checkCanSave(to: options.text("save"), options.text("json"))
    let files = try TrainingFiles(options, decisive: Self.decisive, context)
    let forecaster = try Forecaster(cell, series, settings: settings, options: execution)
    try files.resume(forecaster.trainer)
    let log = try files.log(forecaster.trainer)
    let board = try TrainingBoard(
      options.text("tensorboard"), from: forecaster.trainer.state.step + 1, of: settings.steps)
    let report = try train(forecaster, name, files, log, board, context.output)
    if report.run.end == .callback {
      context.output.writeError(files.advice(forecaster.trainer))
      return ExitStatus.interrupted
    }
    let file = options.text("json")
    if file != "-" { show(report, name, context.output) }
    if let path = options.text("save") {
      try Safetensors(report.parameters, metadata: ["cell": name, "units": "\(units)", "column": series.name])
        .write(to: path)
      context.output.writeError("wrote \(path)\n")
    }
    if let file { try context.save(report.json(cell: name, units: units).text(), to: file) }
    return ExitStatus.success
  }

  /// Trains with a line of progress, a log and checkpoints; Ctrl-C ends the training after its step.
  private func train(
    _ forecaster: Forecaster, _ name: String, _ files: TrainingFiles, _ log: TrainingLog?, _ board: TrainingBoard?,
    _ output: CommandOutput
  ) throws -> ForecastReport {
    let trainer = forecaster.trainer
    var line = ProgressLine(
      "training \(name)", total: forecaster.settings.steps - trainer.state.step, unit: "steps", style: output.style,
      isTerminal: output.isTerminal, write: output.writeError)
    defer { line.clear() }
    Interrupts.listen()
    defer { Interrupts.ignoreNoMore() }
    return try forecaster.train { state, evaluation throws(TrainingError) in
      line.update(
        state.completed,
        note: "loss \(readableNumber(state.recentLoss)), held out \(readableNumber(evaluation.heldOutError))")
      do throws(LogError) {
        try log?.append(TrainingLog.Entry(state))
      } catch {
        throw .log(error)
      }
      let isEvaluated = evaluation.step == trainer.state.step
      try board?.log(state, trainer, isEvaluated ? ["loss/held out": evaluation.heldOutError] : [:])
      let isInterrupted = Interrupts.isRequested
      try files.save(trainer, now: isInterrupted || state.completed == state.total)
      return isInterrupted ? .stop : .continue
    }
  }

  private func show(_ report: ForecastReport, _ name: String, _ output: CommandOutput) {
    output.write(report.errorChart.terminal(output.style, rows: 10) + "\n")
    output.write(report.gradientChart(cell: name).terminal(output.style, rows: 10) + "\n")
    let (error, persistence) = (report.heldOutError, report.persistenceError)
    let change = readableNumber(100 * abs(1 - error / persistence))
    output.write(
      """
      \(report.seriesName): \(report.trainingCount) values to train on, \(report.heldOutCount) held out
      \(name) has an error of \(readableNumber(error, digits: 4)) on the held-out values, persistence \
      \(readableNumber(persistence, digits: 4)): \(change)% \(report.beatsPersistence ? "less" : "more")

      """)
  }
}

extension ForecastSettings {
  /// The settings that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let fraction = try options.number("held-out", "a fraction between 0 and 1") { $0 > 0 && $0 < 1 }
    self.init(
      window: try options.integer("window"), batchSize: try options.integer("batch"),
      steps: try options.integer("steps"), learningRate: try options.positive("rate") ?? 0,
      heldOutFraction: fraction ?? 0, seed: try options.seed())
    evaluationInterval = max(1, min(evaluationInterval, steps / 10))
  }
}

extension ForecastReport {
  /// The held-out error as training went, beside that of persistence.
  var errorChart: Chart {
    .line(
      LineChart(
        "Error on the held-out values of \(seriesName)", x: ChartAxis("training step"), y: ChartAxis("error"),
        series: [
          ChartSeries("held out", x: evaluations.map { Double($0.step) }, y: evaluations.map(\.heldOutError))
        ],
        references: [ReferenceLine(.y, at: persistenceError, label: "persistence")]))
  }

  /// The gradient through the window before and after training.
  func gradientChart(cell: String) -> Chart {
    let states = gradientNormsBefore.keys.sorted()
    let series = states.flatMap { state in
      [
        ChartSeries("\(state) before", gradientNormsBefore[state] ?? [], first: 1),
        ChartSeries("\(state) after", gradientNormsAfter[state] ?? [], first: 1),
      ]
    }
    return .line(
      LineChart(
        "Gradient through time of \(cell)", x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: series))
  }

  /// Every number, for files and other programs.
  func json(cell: String, units: Int) -> JSONValue {
    func norms(_ values: [String: [Double]]) -> JSONValue {
      var object = JSONObject()
      for (name, numbers) in values.sorted(by: { $0.key < $1.key }) { object[name] = .numbers(numbers) }
      return .object(object)
    }
    return [
      "cell": .string(cell), "units": .integer(units), "series": .string(seriesName),
      "trainingCount": .integer(trainingCount), "heldOutCount": .integer(heldOutCount),
      "heldOutError": .number(heldOutError), "persistenceError": .number(persistenceError),
      "beatsPersistence": .bool(beatsPersistence), "stepsPerSecond": .number(run.stepsPerSecond),
      "losses": .numbers(run.losses),
      "evaluations": .array(
        evaluations.map {
          [
            "step": .integer($0.step), "trainingLoss": .number($0.trainingLoss),
            "heldOutError": .number($0.heldOutError),
          ]
        }),
      "gradientNormsBefore": norms(gradientNormsBefore), "gradientNormsAfter": norms(gradientNormsAfter),
      "heldOutValues": .numbers(heldOutValues), "forecasts": .numbers(forecasts),
    ]
  }
}
