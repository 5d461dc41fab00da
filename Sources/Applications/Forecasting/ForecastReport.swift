public import EbbTensors
public import EbbTraining

/// The errors at one point of training.
public struct ForecastEvaluation: Hashable, Sendable {
  /// How many steps were made.
  public var step: Int
  /// The mean loss of the last steps, in scaled units; nil before the first.
  public var trainingLoss: Double?
  /// The loss on the windows for validation, in scaled units; nil if there are none.
  public var validationLoss: Double?
  /// The root mean squared error on the held-out values over all steps ahead, in the units of the series.
  public var heldOutError: Double
  /// Steps of training in a second.
  public var stepsPerSecond: Double
}

/// What came of training a forecaster. Errors are in the units of the series.
public struct ForecastReport: Hashable, Sendable {
  /// The column that is forecast.
  public var target: String
  /// How many rows were trained on, those for validation included.
  public var trainingCount: Int
  /// How many rows were held out.
  public var heldOutCount: Int
  /// What a reader should know: the notes on the file, then of the data and of errors that have no meaning. One sentence
  /// each without its point.
  public var remarks: [String]
  /// How many of them are the notes on the file.
  public var noteCount: Int
  /// Before the first step, at each interval and after the last step, with the parameters as they then were. Which of them
  /// are the result is `keptStep`; none was chosen for its held-out error.
  public var evaluations: [ForecastEvaluation]
  /// The forecasts of the held-out part and their errors, beside those of the baselines.
  public var walkForward: WalkForward
  /// After how many steps the parameters were the best on the windows for validation, which are the result; nil without
  /// validation.
  public var keptStep: Int?
  /// ‖dL/dhₜ‖ of each state at each step of the window, for a batch of the training part, before and after training.
  public var gradientNormsBefore: [String: [Double]]
  /// As `gradientNormsBefore`, after training.
  public var gradientNormsAfter: [String: [Double]]
  /// How the training loop went.
  public var run: TrainingRun
  /// The parameters that were kept, by name.
  public var parameters: [String: Tensor]

  /// The root mean squared error of the network, and of the forecast that nothing changes, over all steps ahead.
  public var heldOutError: Double { walkForward.model.total.rootMeanSquaredError }
  /// The root mean squared error of the forecast that nothing changes, over all steps ahead.
  public var persistenceError: Double { walkForward.persistence.total.rootMeanSquaredError }
  /// Whether the network's error is the smaller one.
  public var beatsPersistence: Bool { heldOutError < persistenceError }
}
