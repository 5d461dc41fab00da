/// What a task has to do next under successive halving.
public enum HalvingState: Sendable, Hashable {
  /// It trains until this number of steps.
  case runs(steps: Int)
  /// It has made all steps.
  case finished
  /// Others were better after so many steps.
  case stopped(steps: Int)
  /// Other tasks have to make so many steps first.
  case waits(steps: Int)
}

extension TaskRecord {
  /// The metric such that less is better; a failed task has none.
  func score(_ metric: SweepMetric) -> Double {
    switch outcome {
    case .finished(let numbers): (metric.isLargestBest ? -1 : 1) * metric.value(in: numbers)
    case .failed: .nan
    }
  }
}
