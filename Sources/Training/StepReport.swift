/// What one step found and did.
public struct StepReport: Hashable, Sendable {
  /// The number of the step, from 0.
  public var step: Int
  /// The loss on the batch before the update, without the regularizers; of several batches that of all together.
  public var loss: Double
  /// Each Ω, without its weight, in the order of the trainer's regularizers; of several batches their mean.
  public var penalties: [Double]
  /// ‖g‖₂ over all parameters, before clipping.
  public var gradientNorm: Double
  /// What clipping did to the gradients.
  public var clip: ParameterGradientClipping.Outcome
  /// The learning rate of the update, without the factors of parameter groups.
  public var learningRate: Double
  /// What was not finite, under the policy `skip`: the parameters then stayed as they were.
  public var nonFinite: NonFiniteEvent?

  /// What a step found and did.
  public init(
    step: Int, loss: Double, penalties: [Double] = [], gradientNorm: Double, clip: ParameterGradientClipping.Outcome,
    learningRate: Double,
    nonFinite: NonFiniteEvent? = nil
  ) {
    self.step = step
    self.loss = loss
    self.penalties = penalties
    self.gradientNorm = gradientNorm
    self.clip = clip
    self.learningRate = learningRate
    self.nonFinite = nonFinite
  }

  /// Whether the update was left out because the loss or a gradient was not finite.
  public var isSkipped: Bool { nonFinite != nil }
}
