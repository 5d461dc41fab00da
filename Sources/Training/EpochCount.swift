/// So many passes over what is trained on, in steps.
struct EpochCount {
  let steps: Int

  /// Throws where that is more steps than a training can have.
  init(_ epochs: Int, stepsPerEpoch: Int) throws(TrainingError) {
    let (steps, overflows) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    guard !overflows, steps <= Int(Int32.max) else {
      throw .setting(
        "\(epochs) epochs of \(stepsPerEpoch) steps are too many; a training has at most \(Int32.max) steps")
    }
    self.steps = steps
  }
}
