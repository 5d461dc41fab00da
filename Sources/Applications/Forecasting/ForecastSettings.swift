public import EbbTraining

/// What is forecast from what, and how the network is trained.
public struct ForecastSettings: Sendable, EpochSettings {
  /// How many numbers of each column the network reads before it forecasts.
  public var window: Int
  /// How many steps ahead are forecast, all at once.
  public var horizon: Int
  /// What is read of each column.
  public var input: ForecastInput
  /// After how many steps the series roughly repeats, for the seasonal baseline; nil for none.
  public var season: Int?
  /// The windows of a step.
  public var batchSize: Int
  /// How many steps are made. Where `epochs` are given, a forecaster's settings have what those come to.
  public var steps: Int
  /// How often each window to train on is read, instead of a number of steps, whose windows are drawn; nil for that.
  public var epochs: Int?
  /// What makes the updates.
  public var optimizer: any Optimizer
  /// The learning rate; nil lets the optimizer's fall to 0 at the last step along a cosine.
  public var schedule: LearningRateSchedule?
  /// Gradients are clipped to this global norm.
  public var clip: Double
  /// The last part of the rows that is never trained on.
  public var heldOutFraction: Double
  /// The last part of the rows to train on that tells when to stop, and which parameters are kept; 0 for none.
  public var validationFraction: Double
  /// How many validations in a row may be no improvement.
  public var patience: Int
  /// Decides the first values and the order of the windows.
  public var seed: UInt64
  /// After how many steps the errors are measured each time.
  public var evaluationInterval: Int

  /// Settings; by default the next value from the 24 before it.
  public init(
    window: Int = 24, horizon: Int = 1, input: ForecastInput = .levels, season: Int? = nil, batchSize: Int = 32,
    steps: Int = 1000, epochs: Int? = nil, optimizer: any Optimizer = Adam(learningRate: 3e-3),
    schedule: LearningRateSchedule? = nil, clip: Double = 1, heldOutFraction: Double = 0.2,
    validationFraction: Double = 0, patience: Int = 10, seed: UInt64 = 1, evaluationInterval: Int = 50
  ) {
    self.window = window
    self.horizon = horizon
    self.input = input
    self.season = season
    self.batchSize = batchSize
    self.steps = steps
    self.epochs = epochs
    self.optimizer = optimizer
    self.schedule = schedule
    self.clip = clip
    self.heldOutFraction = heldOutFraction
    self.validationFraction = validationFraction
    self.patience = patience
    self.seed = seed
    self.evaluationInterval = evaluationInterval
  }

  /// How many values are read before a forecast.
  var valuesRead: Int { window + input.extraValues }

  /// How rows are shared out.
  struct Shares {
    /// The rows that are not held out, those for validation included; of these the ones for validation.
    var training, validation: Int
    /// The windows to train on, which are none where there are too few rows.
    var windows: Int
  }

  func shares(of rows: Int) -> Shares {
    let training = rows - Int((Double(rows) * heldOutFraction).rounded())
    let validation = Int((Double(training) * validationFraction).rounded())
    return Shares(
      training: training, validation: validation,
      windows: max(0, training - validation - horizon - valuesRead + 1))
  }

  /// How many steps read each window to train on once, of a table of so many rows.
  public func stepsPerEpoch(rows: Int) -> Int { (shares(of: rows).windows + batchSize - 1) / batchSize }

  /// With the steps of the epochs that are asked for, if any are; they are tested ten times as they go, or more often.
  public func resolved(rows: Int) throws(TrainingError) -> ForecastSettings {
    epochs == nil ? self : try resolved(stepsPerEpoch: max(1, stepsPerEpoch(rows: rows)))
  }

  /// What makes no sense, and what would; nil if all does.
  var problem: String? {
    func atLeastOne(_ name: String, _ value: Int) -> String? {
      value >= 1 ? nil : "\(name) is at least 1, not \(value)"
    }
    func positive(_ name: String, _ value: Double) -> String? {
      value > 0 && value.isFinite ? nil : "\(name) is a number above 0, not \(value)"
    }
    if !(heldOutFraction > 0 && heldOutFraction < 1) {
      return "the fraction to hold out is between 0 and 1, not \(heldOutFraction)"
    }
    if !(validationFraction >= 0 && validationFraction < 1) {
      return "the fraction for validation is at least 0 and below 1, not \(validationFraction)"
    }
    return atLeastOne("the window", window) ?? atLeastOne("the horizon", horizon)
      ?? season.flatMap { atLeastOne("the season", $0) } ?? atLeastOne("the batch size", batchSize)
      ?? atLeastOne("the number of steps", steps)
      ?? epochs.flatMap { atLeastOne("the number of epochs", $0) }
      ?? atLeastOne("the evaluation interval", evaluationInterval)
      ?? positive("the learning rate", optimizer.learningRate) ?? positive("the clip", clip)
  }
}
