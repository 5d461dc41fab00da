/// What the steps of a call were, for those who report on it; no later bit depends on it.
///
/// It belongs to the state, so that a training that was interrupted reports what an uninterrupted one does.
public struct StepHistory: Hashable, Sendable {
  /// The loss of each step.
  public var losses: [Double]
  /// ‖g‖₂ of each step before clipping.
  public var gradientNorms: [Double]
  /// The steps whose gradient was clipped, from 1, among all steps of the trainer.
  public var clippedSteps: [Int]
  /// The steps that were skipped because something was not finite, from 1, among all steps of the trainer.
  public var skippedSteps: [Int]
  /// The validated values, in order.
  public var validations: [Validation.Point]

  /// That of these steps; by default of none.
  public init(
    losses: [Double] = [], gradientNorms: [Double] = [], clippedSteps: [Int] = [], skippedSteps: [Int] = [],
    validations: [Validation.Point] = []
  ) {
    (self.losses, self.gradientNorms, self.validations) = (losses, gradientNorms, validations)
    (self.clippedSteps, self.skippedSteps) = (clippedSteps, skippedSteps)
  }

  /// Adds a step.
  mutating func note(_ result: TrainingStepResult) {
    losses.append(result.loss)
    gradientNorms.append(result.gradientNorm)
    if result.clip.isClipped { clippedSteps.append(result.step + 1) }
    if result.isSkipped { skippedSteps.append(result.step + 1) }
  }
}
