public import EbbTraining

/// The columns and lengths of a forecast, and the training of its network.
public struct ForecastSettings: Sendable, EpochSettings {
  /// The number of rows that the network reads before a forecast.
  public var window: Int
  /// The number of steps ahead that are forecast, all at once.
  public var horizon: Int
  /// The form in which columns are read.
  public var input: ForecastInput
  /// The number of steps after which the series roughly repeats, for the seasonal baseline; nil for none.
  public var season: Int?
  /// The windows of a step.
  public var batchSize: Int
  /// The number of training steps. If `epochs` is given, a forecaster's settings have the resulting number.
  public var steps: Int
  /// How often each training window is read, instead of a number of steps with random windows; nil for random windows.
  public var epochs: Int?
  /// Whether each epoch has its own order of the windows; otherwise they come in the order of time. Random windows have
  /// none.
  public var shuffles: Bool
  /// The optimizer.
  public var optimizer: any Optimizer
  /// The learning rate; nil lets the optimizer's fall to 0 at the last step along a cosine.
  public var schedule: LearningRateSchedule?
  /// How gradients are limited before an update.
  public var clipping: ParameterGradientClipping
  /// The last part of the rows that is never trained on.
  public var heldOutFraction: Double
  /// The last part of the training rows, used to stop training and to choose the kept parameters; 0 for none.
  public var validationFraction: Double
  /// How many validations in a row may bring no improvement.
  public var patience: Int
  /// Determines the initial values and the order of the windows.
  public var seed: UInt64
  /// The number of steps between evaluations.
  public var evaluationInterval: Int

  /// Settings; by default the next value from the 24 before it.
  public init(
    window: Int = 24, horizon: Int = 1, input: ForecastInput = .levels, season: Int? = nil, batchSize: Int = 32,
    steps: Int = 1000, epochs: Int? = nil, shuffles: Bool = true, optimizer: any Optimizer = Adam(learningRate: 3e-3),
    schedule: LearningRateSchedule? = nil, clipping: ParameterGradientClipping = .globalNorm(1),
    heldOutFraction: Double = 0.2,
    validationFraction: Double = 0, patience: Int = 10, seed: UInt64 = 1, evaluationInterval: Int = 50
  ) {
    self.window = window
    self.horizon = horizon
    self.input = input
    self.season = season
    self.batchSize = batchSize
    self.steps = steps
    self.epochs = epochs
    self.shuffles = shuffles
    self.optimizer = optimizer
    self.schedule = schedule
    self.clipping = clipping
    self.heldOutFraction = heldOutFraction
    self.validationFraction = validationFraction
    self.patience = patience
    self.seed = seed
    self.evaluationInterval = evaluationInterval
  }

  /// The number of values read before a forecast.
  var valuesRead: Int { window + input.extraValues }

  /// How rows are shared out.
  struct Shares {
    /// The rows that are not held out, including those for validation, and the number of the latter.
    var training, validation: Int
    /// The number of training windows; 0 if there are too few rows.
    var windows: Int
  }

  func shares(of rows: Int) -> Shares {
    let training = rows - Int((Double(rows) * heldOutFraction).rounded())
    let validation = Int((Double(training) * validationFraction).rounded())
    return Shares(
      training: training, validation: validation,
      windows: max(0, training - validation - horizon - valuesRead + 1))
  }

  /// The number of steps that read each training window of such a table once.
  public func stepsPerEpoch(rows: Int) -> Int { (shares(of: rows).windows + batchSize - 1) / batchSize }

  /// Settings with the number of steps for the requested epochs, if any, and with at least ten tests.
  public func resolved(rows: Int) throws(TrainingError) -> ForecastSettings {
    epochs == nil ? self : try resolved(stepsPerEpoch: max(1, stepsPerEpoch(rows: rows)))
  }

  /// The problem with these settings, and what would be right; nil if there is none.
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
      ?? (epochs == nil && !shuffles ? "random windows have no order; give a number of epochs" : nil)
      ?? epochs.flatMap { atLeastOne("the number of epochs", $0) }
      ?? atLeastOne("the evaluation interval", evaluationInterval)
      ?? positive("the learning rate", optimizer.learningRate)
  }
}
