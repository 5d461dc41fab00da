internal import EbbTraining

/// Settings of a training with a number of steps, or of epochs instead.
protocol EpochSettings {
  var steps: Int { get set }
  var epochs: Int? { get }
  var evaluationInterval: Int { get set }
}

extension EpochSettings {
  /// Settings with the number of steps for the requested epochs, if any, and with at least ten tests.
  ///
  /// Throws if that is more steps than a training can have.
  func resolved(stepsPerEpoch: Int) throws(TrainingError) -> Self {
    guard let epochs else { return self }
    let (steps, overflows) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    guard !overflows, steps <= Int(Int32.max) else {
      throw .setting(
        "\(epochs) epochs of \(stepsPerEpoch) steps are too many; a training has at most \(Int32.max) steps")
    }
    var settings = self
    settings.steps = steps
    settings.evaluationInterval = max(1, min(evaluationInterval, steps / 10))
    return settings
  }
}
