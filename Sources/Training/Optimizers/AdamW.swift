/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2, with the rate η in both terms, as is
/// common):
///
///     θ ← θ − η λ θ         then Adam's step
///
/// λ is 0.01 by default, as in PyTorch; Keras has 0.004, Optax 0.0001. ε and `amsgrad` are those of `Adam`.
public struct AdamW: ElementwiseOptimizer {
  /// The step that follows the decay.
  public var adam: Adam
  /// λ
  public var decay: Double

  /// The optimizer with these settings; `decay` is λ.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    amsgrad: Bool = false, decay: Double = 0.01
  ) {
    adam = Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad)
    self.decay = decay
  }

  public var learningRate: Double {
    get { adam.learningRate }
    set { adam.learningRate = newValue }
  }
  public var weightDecay: WeightDecay { .decoupled(decay) }
  public var slots: [String] { adam.slots }
  public var kind: String { adam.amsgrad ? "AdamW with AMSGrad" : "AdamW" }
  public var name: String { kind }

  public func factors(step: Int) -> [Double] { adam.factors(step: step) }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    adam.descend(&θ, g, &slots, factors)
  }
}
