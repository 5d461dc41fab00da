public import EbbExecution
public import EbbFiles
public import EbbRecording
internal import EbbTensors
public import EbbTraining

/// Forecasts a column of a table some steps ahead, from a window of one or several columns, with any recurrent cell.
///
/// All steps come from one run of the network (the direct multi-output strategy: Ben Taieb et al. 2012), as changes from
/// the last value.
///
/// ```swift
/// let table = try ForecastTable(CSVTable(contentsOf: "weather.csv"), columns: ["temp_max", "wind"])
/// let forecaster = try Forecaster(LSTM(units: 32), table, target: "temp_max", settings: ForecastSettings(horizon: 7))
/// let result = try forecaster.train()
/// let next = try forecaster.forecast(after: table)
/// ```
public final class Forecaster {
  /// The table, cut in time.
  public let data: ForecastData
  /// The columns and lengths of the forecast, and the training of the network.
  public let settings: ForecastSettings
  /// The trainer of the network.
  public let trainer: Trainer
  /// The parameters at the start of training.
  private var initial: [String: Tensor]
  /// Makes the batches if windows come in epochs.
  private let loader: BatchLoader?

  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - table: The series: a row for each step.
  ///   - target: The column to forecast, one of the table's; by default the first.
  ///   - settings: The columns and lengths of the forecast, and the training of the network.
  ///   - options: Threads, instruction set and memory limits.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  /// - Throws: `TrainingError` if the table is too short for the settings, a setting is invalid, or the cell cannot be
  ///   recorded.
  public init(
    _ cell: some RecurrentCell, _ table: ForecastTable, target: String? = nil,
    settings: ForecastSettings = ForecastSettings(), options: ExecutionOptions = ExecutionOptions(),
    fileID: String = #fileID, line: Int = #line
  ) throws(TrainingError) {
    if let problem = settings.problem { throw .setting(problem) }
    do {
      data = try ForecastData(table, target: target ?? table.names[0], settings)
    } catch {
      throw .file(error)
    }
    self.settings = try settings.resolved(rows: table.count)
    loader = settings.epochs.map { [data] _ in
      let origins = data.trainingOrigins
      let order = BatchOrder(
        count: origins.count, batchSize: settings.batchSize, seed: settings.seed, isShuffled: settings.shuffles)
      return BatchLoader(order, prefetch: 0) { samples, _ in data.batch(samples.map { origins.lowerBound + $0 }) }
    }
    let model = try Recording.forecast(
      cell, columns: table.columns.count, horizon: settings.horizon, fileID: fileID, line: line)
    trainer = try Trainer(
      model, optimizer: settings.optimizer, clipping: settings.clipping, seed: settings.seed,
      options: options)
    initial = trainer.parameters
  }

  // MARK: Training

  /// Trains up to the last step of the settings, and measures the held-out error at intervals. All calls form one
  /// training: after a restored checkpoint or a stopped call, only the remaining steps are made, and the result is
  /// about all of them.
  ///
  /// With validation windows, the result has the parameters that were best on them.
  ///
  /// - Parameters:
  ///   - name: The name of the network in the result.
  ///   - progress: Called after each step with the last evaluation; may save a checkpoint or stop the training.
  public func train(
    name: String = "network",
    progress: (TrainingProgress, ForecastEvaluation) throws(TrainingError) -> LoopControl = { _, _ in .continue }
  ) throws(TrainingError) -> ForecastTrainingResult {
    let sample = trainingBatch(at: 0)
    // A continued training started from the drawn parameters, not from the current ones.
    if trainer.stepCount == 0 { initial = trainer.parameters }
    let before = try trainer.jointGradientNorms(on: sample, parameters: initial)
    let rate = settings.optimizer.learningRate
    // The final parameters of training; the kept ones may be better and are not a step of it.
    let (run, evaluations) = try trainer.train(
      allSteps: settings.steps, schedule: settings.schedule ?? .cosine(rate, steps: settings.steps),
      validation: validation, isBracketed: true, isDue: { $0 % settings.evaluationInterval == 0 },
      evaluate: { recentLoss, rate throws(TrainingError) in try evaluation(loss: recentLoss, rate: rate) },
      batch: { step throws(TrainingError) in trainingBatch(at: step) },
      progress: { state, evaluation throws(TrainingError) in
        guard let evaluation else { preconditionFailure("a network is evaluated before its first step") }
        return try progress(state, evaluation)
      })
    let keptStep = try keepBest(run)
    let walkForward = try walkForward(name: name)
    let (places, areDates) = data.table.places(after: settings.horizon)
    return ForecastTrainingResult(
      target: data.targetName, trainingCount: data.trainingCount, heldOutCount: data.heldOutCount,
      remarks: data.table.notes + data.remarks + walkForward.remarks, noteCount: data.table.notes.count,
      evaluations: evaluations, walkForward: walkForward, keptStep: keptStep, gradientNormsBefore: before,
      gradientNormsAfter: try trainer.jointGradientNorms(on: sample), places: places, areDates: areDates,
      lastValues: data.values.suffix(max(settings.window, 3 * settings.horizon)),
      nextValues: try forecast(after: data.table), run: run,
      parameters: trainer.parameters)
  }

  /// Whether the validation loss has stopped falling.
  public var isAtEnd: Bool { trainer.isOver(stopping) }

  private var stopping: EarlyStopping { EarlyStopping(patience: settings.patience) }

  private var validation: Validation? {
    guard !data.validationOrigins.isEmpty else { return nil }
    return Validation(
      every: settings.evaluationInterval, earlyStopping: stopping,
      measure: { [self] _ throws(TrainingError) in try loss(on: data.validationOrigins) })
  }

  /// Restores the parameters that were best on the validation windows; returns their number of steps.
  ///
  /// A stopped training keeps its parameters, so that it can continue.
  private func keepBest(_ run: TrainingRun) throws(TrainingError) -> Int? {
    guard run.end != .callback, let stopping = trainer.state.earlyStopping, let best = stopping.bestParameters else {
      return nil
    }
    try trainer.setParameters(best)
    let last = trainer.stepCount / settings.evaluationInterval
    return (last - stopping.best.stale) * settings.evaluationInterval
  }

  /// Training windows, drawn uniformly or in epochs: a function of the seed and the step.
  func trainingBatch(at step: Int) -> [String: Tensor] {
    if let loader { return loader.batch(step) }
    let random = RandomStream(seed: settings.seed, run: UInt64(step), stream: 0xF0CA_0000_0000_0001)
    let count = Double(data.trainingOrigins.count)
    return data.batch(
      (0..<settings.batchSize).map { sample in
        data.trainingOrigins.lowerBound + Int(random.value(.uniform, at: [UInt32(sample), 0, 0], element: 0) * count)
      })
  }

  // MARK: Measuring

  /// The current network's forecasts of the held-out part, with the baselines' forecasts.
  public func walkForward(name: String = "network") throws(TrainingError) -> WalkForward {
    WalkForward(data, season: settings.season, name: name, forecasts: try forecasts(data.heldOutOrigins))
  }

  private func evaluation(loss: Double?, rate: Double) throws(TrainingError) -> ForecastEvaluation {
    let forecasts = try forecasts(data.heldOutOrigins)
    var errors = RegressionMetrics()
    for (origin, forecast) in zip(data.heldOutOrigins, forecasts) {
      errors.add(forecast, targets: Array(data.actual(after: origin)))
    }
    return ForecastEvaluation(
      step: trainer.stepCount, trainingLoss: loss,
      validationLoss: data.validationOrigins.isEmpty ? nil : try self.loss(on: data.validationOrigins),
      heldOutError: errors.rootMeanSquaredError, stepsPerSecond: rate)
  }

  /// For each origin the forecasts 1, 2, … steps ahead.
  private func forecasts(_ origins: Range<Int>) throws(TrainingError) -> [[Double]] {
    var forecasts: [[Double]] = []
    for chunk in chunks(of: origins) {
      let outputs = try trainer.evaluate(data.batch(chunk))["change"]?.doubles ?? []
      for (index, origin) in chunk.enumerated() {
        let changes = Array(outputs[(index * settings.horizon)..<((index + 1) * settings.horizon)])
        let values = data.scales.values(changes, after: data.values[origin])
        guard zip(values, data.actual(after: origin)).allSatisfy({ ($0 - $1).isFinite }) else {
          throw .file(
            data.table.error(
              row: origin, column: data.target,
              "the network's forecast from here is no finite number: the values of its window are too far from the rows "
                + "to train on, or training has diverged"))
        }
        forecasts.append(values)
      }
    }
    return forecasts
  }

  /// The mean loss over these windows.
  private func loss(on origins: Range<Int>) throws(TrainingError) -> Double {
    var sum = 0.0
    for chunk in chunks(of: origins) { sum += try trainer.loss(on: data.batch(chunk)) * Double(chunk.count) }
    return sum / Double(origins.count)
  }

  /// Chunks as large as the trainer evaluates at once.
  private func chunks(of origins: Range<Int>) -> [[Int]] {
    Array(origins).chunks(of: Trainer.evaluatedAtOnce(besides: settings.batchSize))
  }

  /// Forecasts the values after the end of a table with the same columns, from its last `window` rows.
  public func forecast(after table: ForecastTable) throws(TrainingError) -> [Double] {
    let (x, last) = try data.scales.window(of: table, columns: data.table.names, target: data.target, settings.window)
    let target = Tensor([1, settings.horizon], [Double](repeating: 0, count: settings.horizon), as: .float32)
    let changes = try trainer.evaluate(["x": x, "target": target])["change"]?.doubles ?? []
    return data.scales.values(changes, after: last)
  }

  /// The information needed in addition to the parameters to forecast in another program.
  ///
  /// - Parameters:
  ///   - cell: The name by which that program makes the cell.
  ///   - units: The cell's number of units.
  ///   - result: The result of the training, for the expected errors.
  public func configuration(cell: String, units: Int, _ result: ForecastTrainingResult) -> ForecastModel.Configuration {
    ForecastModel.Configuration(
      cell: cell, units: units, columns: data.table.names, target: data.target, scales: data.scales,
      window: settings.window, horizon: settings.horizon, season: settings.season,
      heldOutErrors: result.walkForward.model.steps.map(\.rootMeanSquaredError))
  }

  /// The trained network as a file, for `ForecastModel`: the parameters, the network's equations, and the
  /// configuration.
  ///
  /// - Parameters:
  ///   - cell: The name by which another program makes the cell.
  ///   - units: The cell's number of units.
  ///   - result: The result of the training.
  public func file(cell: String, units: Int, _ result: ForecastTrainingResult) throws(FileError) -> ModelFile {
    try ModelFile(
      kind: ForecastModel.kind, configuration: configuration(cell: cell, units: units, result),
      parameters: result.parameters, recording: trainer.recording)
  }
}
