internal import EbbTensors
internal import Foundation

/// Errors of predicted numbers, collected batch by batch. They may have any magnitude at which an error is finite.
public struct RegressionMetrics: Hashable, Sendable {
  /// How many predictions were taken.
  public private(set) var count = 0
  private var absoluteErrors = WideSum(power: 1)
  private var squaredErrors = WideSum(power: 2)
  /// Of the targets: the first, whether another differs from it, their mean, and the squares of what they differ from it by.
  private var first = Double.nan
  private var isVarying = false
  private var mean = 0.0
  private var deviations = WideSum(power: 2)

  /// No predictions.
  public init() {}

  /// Takes predictions and their targets; traps unless there are as many of both.
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

  /// Σ |ŷ − y| / n; no number without a prediction, as the two that follow.
  public var meanAbsoluteError: Double { absoluteErrors.root(over: Double(count)) }
  /// Σ (ŷ − y)² / n, which may be out of range where its root is not.
  public var meanSquaredError: Double { squaredErrors.mean(over: Double(count)) }
  /// √(Σ (ŷ − y)² / n)
  public var rootMeanSquaredError: Double { squaredErrors.root(over: Double(count)) }
  /// R² = 1 − Σ (ŷ − y)² / Σ (y − ȳ)²: 1 for perfect predictions, 0 for those of the mean; nil where all targets are alike,
  /// which leaves nothing to explain.
  public var determination: Double? { isVarying ? 1 - squaredErrors.quotient(over: deviations) : nil }
}

/// e^(mean negative log-likelihood of a token, in nats): among how many equally likely ones a model seems to choose.
public func perplexity(meanNegativeLogLikelihood: Double) -> Double { exp(meanNegativeLogLikelihood) }
