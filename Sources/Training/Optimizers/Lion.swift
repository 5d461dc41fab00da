/// Lion (Chen et al. 2023, algorithm 2): every number moves by the same amount, in the direction of the sign of an
/// average.
///
///     c = β₁ m + (1 − β₁) g
///     θ ← θ − η sign(c)         sign(0) = 0
///     m ← β₂ m + (1 − β₂) g
///
/// The paper uses decoupled weight decay, and rates three to ten times smaller than Adam's.
public struct Lion: Optimizer {
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

  public func descend<Scalar: BinaryFloatingPoint>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = checkedCount(values, gradient, slots, self.slots)
    let rate = Scalar(learningRate)
    let (b1, a1) = (Scalar(beta1), Scalar(1 - beta1))
    let (b2, a2) = (Scalar(beta2), Scalar(1 - beta2))
    let g = gradient.span
    var θ = values.mutableSpan
    var m = slots[0].mutableSpan
    for index in 0..<count {
      let c = b1 * m[index] + a1 * g[index]
      θ[index] -= c > 0 ? rate : c < 0 ? -rate : 0
    }
    for index in 0..<count { m[index] = b2 * m[index] + a2 * g[index] }
  }
}
