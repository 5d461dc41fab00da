internal import EbbApplications
internal import EbbExecution
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining

/// `ebb forecast train`: trains a cell to forecast a column of a file, with baselines that need no training.
struct ForecastTrainCommand: Command {
  let name = "forecast train"
  let summary = "trains a cell to forecast a column of a CSV file some steps ahead"
  let discussion = """
    The last part of the rows is held out; nothing of it is seen in training, not even for the scales. From every row of
    it the trained cell forecasts the next steps (walk-forward). Persistence is the forecast that nothing changes,
    seasonal the last value of the same place in the season.

    RMSE and MAE are in the units of the column. MASE is the MAE in units of the naive forecast's on the rows to train on.
    t tells how clearly squared errors are less than those of the better baseline, or more where it is below 0 (Diebold &
    Mariano 1995), and p how probably one of all the comparisons would be as clear by chance; below 0.05 it is called clear.
    Errors of several steps overlap, so that takes at least twice as many forecasts as steps; both are empty with fewer.

    The file's rows may have commas, semicolons or tabs between their fields, and decimal commas. Dates that run backward,
    come twice or are missing are told; --sort, --repeated and --fill put them right. What is filled in is what was known
    before, so no forecast reads what comes after it.

    With --validation, the last part of the rows to train on decides when training ends and which weights are kept.
    """
  private static let standard = ForecastSettings()
  private static let rate = 3e-3
  let options: [Option] =
    [
      Option(positional: "file", "FILE", "the CSV file, its rows in the order of time"),
      Option("columns", "COLUMNS", "what is read: names, or numbers from 1, with commas between them (the target)"),
      Option("target", "COLUMN", "what is forecast (the first of the columns)"),
      Option("horizon", "STEPS", "how many steps ahead are forecast", standard: "\(standard.horizon)"),
      Option(flag: "differences", "reads differences instead of values"),
      Option(flag: "log-returns", "reads log(x[t] / x[t-1]) instead of values, and forecasts factors"),
      Option("season", "STEPS", "also compares with the value of a season before"),
      .cell, .given, .hidden(32),
      Option("steps", "COUNT", "training steps, whose windows are drawn", standard: "\(standard.steps)"),
      Option("epochs", "COUNT", "how often each window is read, instead of --steps"),
      SampleOptions.noShuffle("windows of --epochs"),
      Option("window", "VALUES", "values that are read before each forecast", standard: "\(standard.window)"),
      Option("batch", "SAMPLES", "windows of a training step", standard: "\(standard.batchSize)"),
    ] + ForecastSource.options + OptimizerOptions.options(rate: rate, schedule: .cosine)
    + ParameterGradientClipping.options(limit: 1) + [
      Option("held-out", "FRACTION", "the last part, for the test", standard: "\(standard.heldOutFraction)"),
      Option("validation", "FRACTION", "the last part of the rest, to tell when to stop", standard: "0"),
      Option("save", "FILE", "writes the model, for ebb forecast predict")
        .with(letter: "o", values: .written([.safetensors])),
    ]
    + TrainingRunner.options(
      report: Option(
        "report", "FILE",
        "draws the forecasts: a page, with the gradient through time, or a picture if the file ends in .svg"
      ).with(values: .written([.html, .svg])))
  let absentOptions = [SampleOptions.weights: "a forecast has no classes"]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    var settings = try settings(options)
    let name = options.cellName(of: context.cells)
    let units = try options.integer("hidden")
    let columns = options.isGiven("columns") ? try options.list("columns").count + 1 : 1
    var sizes = WorkSizes(
      length: settings.window, batch: settings.batchSize, features: max(columns, settings.horizon), units: units)
    try options.check(sizes)
    let cell = try context.cells.cell(name, units: units)
    let (table, target) = try ForecastSource(options, context).table(options)
    if settings.epochs != nil {
      settings = try settings.resolved(rows: table.count)
      settings.schedule = try OptimizerOptions(options, rate: Self.rate, steps: settings.steps).schedule
    }
    let runner = try TrainingRunner(options, of: self, context)
    (sizes.features, sizes.steps, sizes.execution) = (columns, settings.steps, runner.execution)
    try context.announce(name, cell, sizes, lengthName: "--window")
    context.activity?.begin("drawing the first values")
    let forecaster = try Forecaster(cell, table, target: target, settings: settings, options: runner.execution)
    try runner.begin(
      forecaster.trainer,
      TrainingPlan(
        steps: settings.steps, option: settings.epochs == nil ? "steps" : "epochs",
        rateFollowsSteps: options.text("schedule") != "constant", data: table.fingerprint,
        order: settings.epochs == nil ? .drawn : .epochs),
      TrainingPage(
        title: "Forecasts of \(forecaster.data.targetName)",
        lead: "\(name) with \(units) units is trained on \(table.source); the forecasts follow when it has learned.",
        heldOutLabel: "held-out error", details: []))
    context.output.writeError(
      "\(forecaster.data.trainingOrigins.count) windows to train on; \(settings.steps) steps, "
        + "\(settings.stepsPerEpoch(rows: table.count)) an epoch\n")
    context.activity?.begin("training \(name)")
    let result = try train(forecaster, name, runner)
    context.show(options) { output in
      show(result, name, output)
      for line in runner.gradients.lines { output.write(line + "\n") }
    }
    try runner.saveModel(forecaster.file(cell: name, units: units, result))
    let path = options.text("report")
    let isPicture = path.map { FileFormat(ofName: $0) == .svg } ?? false
    if let path, isPicture { context.save(result.forecastChart(cell: name).svg(), to: path) }
    context.savePage(
      page(result, name, units, source: table.source, settings, runner.gradients), to: isPicture ? nil : path, options)
    runner.saveNumbers(result.json(cell: name, units: units))
    return runner.status
  }

  /// The page of the forecasts with the gradients of the training.
  private func page(
    _ result: ForecastTrainingResult, _ name: String, _ units: Int, source: String, _ settings: ForecastSettings,
    _ gradients: TrainingGradients
  ) -> HTMLReport {
    var page = result.page(cell: name, units: units, source: source, settings)
    page.findings += gradients.findings
    page.sections += gradients.sections
    page.details += gradients.details
    return page
  }

  private func settings(_ options: ParsedOptions) throws(UsageError) -> ForecastSettings {
    if options.isGiven("differences"), options.isGiven("log-returns") {
      throw UsageError("--differences and --log-returns exclude each other")
    }
    let fraction = try options.number("held-out", "a fraction between 0 and 1") { $0 > 0 && $0 < 1 }
    let validation = try options.number("validation", "a fraction of at least 0 and below 1") { $0 >= 0 && $0 < 1 }
    let steps = try options.integer("steps")
    let rule = try OptimizerOptions(options, rate: Self.rate, steps: steps)
    let epochs = try options.epochs()
    if epochs == nil, !SampleOptions.shuffles(options) {
      throw UsageError("--no-shuffle is for the windows of --epochs; those of --steps are drawn")
    }
    return ForecastSettings(
      window: try options.integer("window"), horizon: try options.integer("horizon"),
      input: options.isGiven("differences")
        ? .differences : options.isGiven("log-returns") ? .logReturns : .levels,
      season: try options.optionalInteger("season"), batchSize: try options.integer("batch"), steps: steps,
      epochs: epochs, shuffles: SampleOptions.shuffles(options), optimizer: rule.optimizer, schedule: rule.schedule,
      clipping: try ParameterGradientClipping(options), heldOutFraction: fraction ?? 0,
      validationFraction: validation ?? 0, seed: try options.seed(),
      evaluationInterval: max(1, min(Self.standard.evaluationInterval, steps / 10)))
  }

  private func train(_ forecaster: Forecaster, _ name: String, _ runner: TrainingRunner) throws
    -> ForecastTrainingResult
  {
    try runner.train("training \(name)") { () throws(TrainingError) in
      try forecaster.train(name: name) { state, evaluation in
        let isNew = evaluation.step == forecaster.trainer.stepCount
        return runner.progress(
          state, note: "loss \(readableNumber(state.recentLoss)), held out \(readableNumber(evaluation.heldOutError))",
          measured: isNew ? [TrainingPage.heldOutLoss: evaluation.heldOutError] : [:], isAtEnd: forecaster.isAtEnd)
      }
    }
  }

  private func show(_ result: ForecastTrainingResult, _ name: String, _ output: CommandOutput) {
    output.write(result.forecastChart(cell: name, last: 150).terminal(output.style, rows: 12) + "\n")
    output.write(result.gradientChart(cell: name).terminal(output.style, rows: 8) + "\n")
    let isNarrow = output.style.width < 110
    output.write(result.errorTable(mostRows: 12, isNarrow: isNarrow).terminal(output.style) + "\n")
    output.write(
      "\(result.target): \(result.trainingCount) rows to train on, \(result.heldOutCount) held out, "
        + "\(result.walkForward.origins.count) forecasts from them\n")
    for line in result.verdicts { output.write(line + "\n") }
    // The notes on the file were reported when it was read.
    for remark in result.remarks.dropFirst(result.noteCount) { output.write("note: \(remark)\n") }
  }
}
