/// RMSprop (Tieleman & Hinton 2012, lecture 6.5), optionally with the centred form and the momentum of Graves (2013,
/// equations 38–41):
///
///     v ← ρ v + (1 − ρ) g²
///     m ← ρ m + (1 − ρ) g            only if centred, else m = 0
///     u = g / (√(v − m²) + ε)
///     b ← μ b + u                    only with momentum, else b = u
///     θ ← θ − η b
///
/// ε is added to the root, as in PyTorch; Keras adds it under the root, √(v − m² + ε), with ε = 10⁻⁷. ρ is 0.99 by
/// default, as in PyTorch; Keras has 0.9. The rate is outside of the momentum, as in PyTorch; in Keras it is inside,
/// b ← μ b + η u, which differs while the rate changes.
public struct RMSprop: ElementwiseOptimizer {
  public var learningRate: Double
  /// ρ, in 0 ..< 1.
  public var decay: Double
  /// μ, in 0 ..< 1.
  public var momentum: Double
  /// Whether the step is scaled by the gradient's variance instead of its mean square.
  public var isCentered: Bool
  /// ε, which keeps the quotient finite if every gradient was 0.
  public var epsilon: Double
  public var weightDecay: WeightDecay

  /// The optimizer with these settings.
  public init(
    learningRate: Double = 0.01, decay: Double = 0.99, momentum: Double = 0, isCentered: Bool = false,
    epsilon: Double = 1e-8, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.momentum = momentum
    self.isCentered = isCentered
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public var slots: [String] {
    ["meanSquare"] + (isCentered ? ["mean"] : []) + (momentum == 0 ? [] : ["velocity"])
  }

  public var kind: String {
    (isCentered ? "centred RMSprop" : "RMSprop") + (momentum == 0 ? "" : " with momentum")
  }

  public func factors(step: Int) -> [Double] { [learningRate, epsilon, decay, 1 - decay, momentum] }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    let (η, ε, ρ, a, μ) = (factors[0], factors[1], factors[2], factors[3], factors[4])
    let g = g.withFiniteSquare
    slots[0] = ρ * slots[0] + a * (g * g)
    var variance = slots[0]
    if isCentered {
      let mean = ρ * slots[1] + a * g
      slots[1] = mean
      // Rounding can make the difference slightly negative.
      variance = (variance - mean * mean).orZero
    }
    guard momentum != 0 else {
      θ = θ - η * g / (variance.root + ε)
      return
    }
    let last = isCentered ? 2 : 1
    let velocity = μ * slots[last] + g / (variance.root + ε)
    slots[last] = velocity
    θ = θ - η * velocity
  }
}
