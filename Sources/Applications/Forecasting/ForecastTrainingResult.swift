public import EbbTensors
public import EbbTraining

/// The errors at one point of training.
public struct ForecastEvaluation: Codable, Hashable, Sendable {
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

/// The result of training a forecaster. Errors are in the units of the series.
public struct ForecastTrainingResult: Hashable, Sendable {
  /// The column that is forecast.
  public var target: String
  /// The number of training rows, including those for validation.
  public var trainingCount: Int
  /// How many rows were held out.
  public var heldOutCount: Int
  /// Remarks for the reader: notes on the file, then on the data and on undefined errors. One sentence each, without
  /// its full stop.
  public var remarks: [String]
  /// How many of them are notes on the file.
  public var noteCount: Int
  /// Before the first step, at each interval and after the last step, with the parameters at that time. `keptStep`
  /// identifies the result; none was chosen for its held-out error.
  public var evaluations: [ForecastEvaluation]
  /// The forecasts of the held-out part and their errors, with the baselines.
  public var walkForward: WalkForward
  /// The number of steps after which the parameters were best on the validation windows, which are the result; nil
  /// without validation.
  public var keptStep: Int?
  /// ‖dL/dhₜ‖ of each state at each step of the window, for a batch of the training part, before and after training.
  public var gradientNormsBefore: [String: [Double]]
  /// As `gradientNormsBefore`, after training.
  public var gradientNormsAfter: [String: [Double]]
  /// The places of the rows, and of as many rows after them as are forecast: numbers from 1, or dates in seconds since
  /// 1970. Dates at uneven steps end with the last row.
  public var places: [Double]
  /// Whether the places are dates.
  public var areDates: Bool
  /// The last values of the target.
  public var lastValues: [Double]
  /// The values that follow the table, as the result forecasts them.
  public var nextValues: [Double]
  /// How the training loop went.
  public var run: TrainingRun
  /// The parameters that were kept, by name.
  public var parameters: [String: Tensor]

  /// The root mean squared error of the network over all steps ahead.
  public var heldOutError: Double { walkForward.model.total.rootMeanSquaredError }
  /// The root mean squared error of the forecast that nothing changes, over all steps ahead.
  public var persistenceError: Double { walkForward.persistence.total.rootMeanSquaredError }
  /// Whether the network's error is smaller.
  public var beatsPersistence: Bool { heldOutError < persistenceError }
}
