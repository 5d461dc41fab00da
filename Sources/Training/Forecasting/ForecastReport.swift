public import EbbTensors

/// The errors at one point of training.
public struct ForecastEvaluation: Hashable, Sendable {
  /// How many steps were made.
  public var step: Int
  /// The mean loss of the last steps, in scaled units; no number before the first.
  public var trainingLoss: Double
  /// The root mean squared error on the held-out values, in the units of the series.
  public var heldOutError: Double
  public var stepsPerSecond: Double
}

/// What came of training a forecaster. Errors are root mean squares in the units of the series.
public struct ForecastReport: Hashable, Sendable {
  public var seriesName: String
  public var trainingCount: Int
  public var heldOutCount: Int
  /// Before the first step, at each interval and at the end: the last one is the result, and none was chosen for its
  /// held-out error.
  public var evaluations: [ForecastEvaluation]
  /// The error of the forecast that nothing changes, on the same held-out values.
  public var persistenceError: Double
  /// ‖dL/dhₜ‖ of each state at each step of the window, for a batch of the training part, before and after training.
  public var gradientNormsBefore: [String: [Double]]
  public var gradientNormsAfter: [String: [Double]]
  /// The held-out values and what was forecast for them.
  public var heldOutValues: [Double]
  public var forecasts: [Double]
  public var run: TrainingRun
  public var parameters: [String: Tensor]

  /// The error on the held-out values at the end of training.
  public var heldOutError: Double { evaluations.last?.heldOutError ?? .nan }
  public var beatsPersistence: Bool { heldOutError < persistenceError }
}
