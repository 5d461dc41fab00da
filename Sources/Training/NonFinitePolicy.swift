/// What a step does whose loss, with its regularizers' terms, or gradient is not finite. There is no way to let it pass.
public enum NonFinitePolicy: Hashable, Sendable, CaseIterable {
  /// Throws `TrainingError.nonFinite`; the parameters stay as they were before the step.
  case `throw`
  /// Leaves the parameters and the optimizer's state as they were, and counts the step as skipped.
  case skip
}
