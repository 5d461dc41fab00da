internal import Foundation

/// The learning rate as a function of the step.
public enum LearningRateSchedule: Hashable, Sendable {
  case constant(Double)
  /// η · (1 + cos(π min(1, t / n))) / 2: from η down to 0 in n steps (Loshchilov & Hutter 2017, equation 5).
  case cosine(Double, steps: Int)

  public func rate(at step: Int) -> Double {
    switch self {
    case .constant(let rate): return rate
    case .cosine(let rate, let steps):
      let progress = min(1, Double(step) / Double(max(1, steps)))
      return rate * (1 + cos(Double.pi * progress)) / 2
    }
  }
}
