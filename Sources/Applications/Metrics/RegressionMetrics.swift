internal import EbbTensors

/// Errors of predicted numbers, accumulated batch by batch, for any magnitude with finite errors.
public struct RegressionMetrics: Hashable, Sendable {
  /// How many predictions were taken.
  public private(set) var count = 0
  private var absoluteErrors = WideSum(power: 1)
  private var squaredErrors = WideSum(power: 2)
  /// For the targets: the first, whether another differs from it, their mean, and the sum of their squared deviations.
  private var first = Double.nan
  private var isVarying = false
  private var mean = 0.0
  private var deviations = WideSum(power: 2)

  /// No predictions.
  public init() {}

  /// Adds predictions and their targets; traps unless their counts are equal.
  public mutating func add(_ predictions: [Double], targets: [Double]) {
    precondition(
      predictions.count == targets.count, "\(predictions.count) predictions for \(targets.count) targets")
    for (prediction, target) in zip(predictions, targets) {
      let error = prediction - target
      absoluteErrors.add(error)
      squaredErrors.add(error)
      if count == 0 { first = target }
      if target != first { isVarying = true }
      // One pass that does not cancel: Σ (y − ȳ)² grows by (y − ȳ_{n−1}) (y − ȳ_n) (Welford 1962).
      count += 1
      let difference = target - mean
      mean += difference / Double(count)
      deviations.add(product: difference, target - mean)
    }
  }

  /// Σ |ŷ − y| / n; NaN without predictions, like the next two.
  public var meanAbsoluteError: Double { absoluteErrors.root(over: Double(count)) }
  /// Σ (ŷ − y)² / n, which may be out of range when its root is not.
  public var meanSquaredError: Double { squaredErrors.mean(over: Double(count)) }
  /// √(Σ (ŷ − y)² / n)
  public var rootMeanSquaredError: Double { squaredErrors.root(over: Double(count)) }
  /// R² = 1 − Σ (ŷ − y)² / Σ (y − ȳ)²: 1 for perfect predictions, 0 for predictions of the mean; nil if all targets are
  /// equal, so that there is nothing to explain.
  public var determination: Double? { isVarying ? 1 - squaredErrors.quotient(over: deviations) : nil }
}
