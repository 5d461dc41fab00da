public import EbbTensors

/// Everything that training changes: with the recording and the settings it decides every later bit.
public struct TrainingState: Hashable, Sendable {
  /// How many steps were made, skipped ones included: the number of the next step.
  public var step: Int
  /// How many steps changed nothing because the loss or a gradient was not finite.
  public var skippedSteps: Int
  public var parameters: [String: Tensor]
  public var optimizer: OptimizerState

  public init(
    parameters: [String: Tensor], optimizer: OptimizerState = OptimizerState(), step: Int = 0, skippedSteps: Int = 0
  ) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.step = step
    self.skippedSteps = skippedSteps
  }

  mutating func update(with gradients: [String: Tensor], _ rule: some Optimizer) {
    rule.update(&parameters, gradients: gradients, state: &optimizer)
  }
}

/// What one step found and did.
public struct StepReport: Hashable, Sendable {
  /// The number of the step, from 0.
  public var step: Int
  /// The loss on the batch before the update.
  public var loss: Double
  /// ‖g‖₂ over all parameters, before clipping.
  public var gradientNorm: Double
  public var clip: ClipEvent
  /// What was not finite, under the policy `skip`: the parameters then stayed as they were.
  public var nonFinite: NonFiniteEvent?

  /// Whether the update was left out because the loss or a gradient was not finite.
  public var isSkipped: Bool { nonFinite != nil }
}
