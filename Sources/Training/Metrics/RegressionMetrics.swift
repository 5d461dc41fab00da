internal import Foundation

/// Errors of predicted numbers, collected batch by batch.
public struct RegressionMetrics: Hashable, Sendable {
  public private(set) var count = 0
  private var absoluteErrors = 0.0
  private var squaredErrors = 0.0
  /// Of the targets: their mean, and the sum of the squares of what they differ from it by.
  private var mean = 0.0
  private var squaredDeviations = 0.0

  public init() {}

  /// Takes predictions and their targets; traps unless there are as many of both.
  public mutating func add(_ predictions: [Double], targets: [Double]) {
    precondition(
      predictions.count == targets.count, "\(predictions.count) predictions for \(targets.count) targets")
    for (prediction, target) in zip(predictions, targets) {
      let error = prediction - target
      absoluteErrors += abs(error)
      squaredErrors += error * error
      // One pass that does not cancel (Welford 1962).
      count += 1
      let difference = target - mean
      mean += difference / Double(count)
      squaredDeviations += difference * (target - mean)
    }
  }

  /// Σ |ŷ − y| / n; no number without a prediction, as all that follow.
  public var meanAbsoluteError: Double { absoluteErrors / Double(count) }
  /// Σ (ŷ − y)² / n
  public var meanSquaredError: Double { squaredErrors / Double(count) }
  /// √(Σ (ŷ − y)² / n)
  public var rootMeanSquaredError: Double { meanSquaredError.squareRoot() }
  /// R² = 1 − Σ (ŷ − y)² / Σ (y − ȳ)²: 1 for perfect predictions, 0 for those of the mean; no number, or −∞, where all
  /// targets are one.
  public var determination: Double { 1 - squaredErrors / squaredDeviations }
}

/// e^(mean negative log-likelihood of a token, in nats): among how many equally likely ones a model seems to choose.
public func perplexity(meanNegativeLogLikelihood: Double) -> Double { exp(meanNegativeLogLikelihood) }
