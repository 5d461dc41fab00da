/// Lion (Chen et al. 2023, algorithm 2): every number moves by the same amount, in the direction of the sign of an
/// average.
///
///     c = β₁ m + (1 − β₁) g
///     θ ← θ − η sign(c)         sign(0) = 0
///     m ← β₂ m + (1 − β₂) g
///
/// The paper uses decoupled weight decay, and rates three to ten times smaller than Adam's.
public struct Lion: ElementwiseOptimizer {
  public var learningRate: Double
  /// β₁ and β₂, each in 0 ..< 1.
  public var beta1: Double
  /// β₂, in 0 ..< 1.
  public var beta2: Double
  public var weightDecay: WeightDecay

  /// The optimizer with these settings.
  public init(
    learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.weightDecay = weightDecay
  }

  public var slots: [String] { ["momentum"] }

  public func factors(step: Int) -> [Double] { [learningRate, beta1, 1 - beta1, beta2, 1 - beta2] }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    let m = slots[0]
    let c = factors[1] * m + factors[2] * g
    θ = θ - factors[0] * c.sign
    slots[0] = factors[3] * m + factors[4] * g
  }
}
