/// The treatment of a step whose loss, including regularizers, or gradient is not finite. Neither policy applies the
/// update.
public enum NonFinitePolicy: Hashable, Sendable, CaseIterable {
  /// Throws `TrainingError.nonFinite`; the parameters stay as they were before the step.
  case `throw`
  /// Leaves the parameters and the optimizer's state as they were, and counts the step as skipped.
  case skip
}
