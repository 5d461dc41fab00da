/// The result of one step.
public struct TrainingStepResult: Hashable, Sendable {
  /// The number of the step, from 0.
  public var step: Int
  /// The loss on the batch before the update, without the regularizers; for several batches, of all together.
  public var loss: Double
  /// Each Ω, without its weight, in the order of the trainer's regularizers; for several batches their mean.
  public var penalties: [Double] = []
  /// ‖g‖₂ over all parameters, before clipping.
  public var gradientNorm: Double
  /// The effect of clipping on the gradients.
  public var clip: ParameterGradientClipping.Outcome
  /// The learning rate of the update, without the factors of parameter groups.
  public var learningRate: Double
  /// The nonfinite values, under the policy `skip`: the parameters then did not change.
  public var nonFinite: NonFiniteEvent?

  /// Whether the update was skipped because the loss or a gradient was not finite.
  public var isSkipped: Bool { nonFinite != nil }
}
