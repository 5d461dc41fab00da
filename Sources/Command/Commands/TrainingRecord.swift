internal import EbbTraining

/// Where the steps of a training are written down: a log's lines and TensorBoard's events, or neither.
struct TrainingRecord {
  var log: TrainingLog?
  var board: TrainingBoard?

  /// Adds a step.
  ///
  /// - Parameter evaluations: What was measured after this step, by name.
  func append(
    _ progress: TrainingProgress, _ trainer: Trainer, _ evaluations: KeyValuePairs<String, Double> = [:]
  ) throws(TrainingError) {
    do throws(LogError) {
      try log?.append(TrainingLog.Entry(progress))
    } catch {
      throw .log(error)
    }
    try board?.log(progress, trainer, evaluations)
  }
}

extension TrainingRun {
  /// How many steps changed no parameter because their gradients were not finite; nil if all did.
  var skippedText: String? {
    guard skippedSteps > 0 else { return nil }
    return "\(skippedSteps) of \(losses.count) steps were skipped: their gradients were not finite; "
      + "a smaller --rate helps"
  }
}
