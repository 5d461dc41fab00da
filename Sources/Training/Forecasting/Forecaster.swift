public import EbbExecution
internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// Forecasts the next value of a series with any recurrent cell.
///
/// The network reads a window of values and answers by how much the next one differs from the last: an untrained
/// network so begins near the forecast that nothing changes, which it has to beat.
///
///     x̂_T = x_{T−1} + w · h_{T−1} + b
public final class Forecaster {
  public let series: SplitSeries
  public let settings: ForecastSettings
  public let trainer: Trainer

  /// - Throws: `TrainingError` if the series is too short for the settings, a setting makes no sense, or the cell cannot
  ///   be recorded.
  public init(
    _ cell: some RecurrentCell, _ series: TimeSeries, settings: ForecastSettings = ForecastSettings(),
    options: ExecutionOptions = ExecutionOptions(), fileID: String = #fileID, line: Int = #line
  ) throws(TrainingError) {
    if let problem = settings.problem { throw .setting(problem) }
    do {
      self.series = try series.split(heldOut: settings.heldOutFraction)
    } catch {
      throw .data(error)
    }
    guard self.series.trainingCount > settings.window else {
      throw .data(
        DataError(
          series.name,
          "\(self.series.trainingCount) of \(series.values.count) values are for training, and a window of "
            + "\(settings.window) needs at least \(settings.window + 1); take a shorter window or a longer series"))
    }
    self.settings = settings
    let model: Recording
    do {
      model = try Self.model(cell, fileID, line)
    } catch {
      throw .recording(error)
    }
    trainer = try Trainer(
      model, optimizer: Adam(learningRate: settings.learningRate), clipping: .globalNorm(settings.clip),
      seed: settings.seed, options: options)
  }

  private static func model(
    _ cell: some RecurrentCell, _ fileID: String, _ line: Int
  ) throws(RecordingError) -> Recording {
    try Recording(fileID: fileID, line: line) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [1], over: [time, batch])
      let target = scope.input("target", [1], over: [batch])
      let h = last(scope.run(cell, x, fileID: fileID, line: line), along: time)
      // No bias at first and small weights: the first forecast is nearly that nothing changes.
      let change = scope.affine("readout", [h], 1, weights: [.normal(deviation: 0.01)])
      let forecast = last(x, along: time) + change
      scope.output("forecast", forecast)
      scope.output("loss", meanSquaredError(forecast, target))
    }
  }

  // MARK: Training

  /// Trains up to the last step of the settings, and measures the held-out error as it goes. If the trainer was restored
  /// from a checkpoint, the steps that are left are made, and the report is about those.
  ///
  /// - Parameter progress: Called after each step with the last evaluation; may save a checkpoint or stop the training.
  public func train(
    progress: (TrainingProgress, ForecastEvaluation) throws(TrainingError) -> LoopControl = { _, _ in .continue }
  ) throws(TrainingError) -> ForecastReport {
    let heldOut = batch(of: Array(series.trainingCount..<series.series.values.count))
    let sample = trainingBatch(at: 0)
    let before = try gradientNorms(on: sample)
    var evaluations = [
      ForecastEvaluation(
        step: trainer.state.step, trainingLoss: .nan, heldOutError: try error(on: heldOut), stepsPerSecond: 0)
    ]
    let run = try trainer.train(
      until: StoppingCriteria(steps: max(0, settings.steps - trainer.state.step)),
      schedule: .cosine(settings.learningRate, steps: settings.steps),
      batch: { step throws(TrainingError) in trainingBatch(at: step) },
      progress: { state throws(TrainingError) in
        if trainer.state.step % settings.evaluationInterval == 0 {
          evaluations.append(
            ForecastEvaluation(
              step: trainer.state.step, trainingLoss: state.recentLoss, heldOutError: try error(on: heldOut),
              stepsPerSecond: state.stepsPerSecond))
        }
        return try progress(state, evaluations[evaluations.count - 1])
      })
    if let last = evaluations.last, last.step < trainer.state.step {
      evaluations.append(
        ForecastEvaluation(
          step: trainer.state.step, trainingLoss: run.recentLoss, heldOutError: try error(on: heldOut),
          stepsPerSecond: run.stepsPerSecond))
    }
    return ForecastReport(
      seriesName: series.series.name, trainingCount: series.trainingCount, heldOutCount: series.heldOutCount,
      evaluations: evaluations, persistenceError: series.persistenceError, gradientNormsBefore: before,
      gradientNormsAfter: try gradientNorms(on: sample), heldOutValues: Array(series.heldOut),
      forecasts: try forecasts(for: heldOut), run: run, parameters: trainer.parameters)
  }

  /// Windows of the training part, drawn evenly: a function of the seed and the step.
  private func trainingBatch(at step: Int) -> [String: Tensor] {
    let random = RandomStream(seed: settings.seed, run: UInt64(step), stream: 0xF0CA_0000_0000_0001)
    let count = Double(series.trainingCount - settings.window)
    return batch(
      of: (0..<settings.batchSize).map { sample in
        settings.window + Int(random.value(.uniform, at: [UInt32(sample), 0, 0], element: 0) * count)
      })
  }

  /// The windows before the values at these positions, and the values as targets, scaled.
  private func batch(of positions: [Int]) -> [String: Tensor] {
    let values = series.series.values
    var x: [Double] = []
    for step in 0..<settings.window {
      x += positions.map { series.scaled(values[$0 - settings.window + step]) }
    }
    let targets = positions.map { series.scaled(values[$0]) }
    return [
      "x": Tensor([settings.window, positions.count, 1], x, as: .float32),
      "target": Tensor([positions.count, 1], targets, as: .float32),
    ]
  }

  // MARK: Measuring

  private func forecasts(for batch: [String: Tensor]) throws(TrainingError) -> [Double] {
    try trainer.evaluate(batch)["forecast"]?.doubles.map { series.unscaled($0) } ?? []
  }

  private func error(on batch: [String: Tensor]) throws(TrainingError) -> Double {
    rootMeanSquare(zip(try forecasts(for: batch), series.heldOut).map { $0 - $1 })
  }

  private func gradientNorms(on batch: [String: Tensor]) throws(TrainingError) -> [String: [Double]] {
    try trainer.measure(.gradientNorms(), on: batch).mapValues(\.doubles)
  }

  /// Forecasts the value that follows these, of which the last `window` are read.
  public func forecast(after values: [Double]) throws(TrainingError) -> Double {
    guard values.count >= settings.window, values.allSatisfy(\.isFinite) else {
      throw .data(
        DataError(
          series.series.name,
          "a forecast reads \(settings.window) finite values, of which \(values.filter(\.isFinite).count) are given"))
    }
    let window = values.suffix(settings.window).map { series.scaled($0) }
    let batch = [
      "x": Tensor([window.count, 1, 1], window, as: .float32), "target": Tensor([1, 1], [0.0], as: .float32),
    ]
    return try forecasts(for: batch)[0]
  }
}
