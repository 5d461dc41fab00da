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
public struct RMSprop: Optimizer {
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

  public func descend<Scalar: BinaryFloatingPoint>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = checkedCount(values, gradient, slots, self.slots)
    let (rate, ε, ρ, a) = (Scalar(learningRate), Scalar(epsilon), Scalar(decay), Scalar(1 - decay))
    let gradient = withFiniteSquares(gradient)
    let g = gradient.span
    for index in 0..<count { slots[0][index] = ρ * slots[0][index] + a * (g[index] * g[index]) }
    var variance = slots[0]
    if isCentered {
      for index in 0..<count {
        let mean = ρ * slots[1][index] + a * g[index]
        slots[1][index] = mean
        // Rounding can make the difference slightly negative.
        variance[index] = max(0, variance[index] - mean * mean)
      }
    }
    var θ = values.mutableSpan
    if momentum == 0 {
      for index in 0..<count { θ[index] -= rate * g[index] / (abs(variance[index]).squareRoot() + ε) }
    } else {
      let (last, μ) = (slots.count - 1, Scalar(momentum))
      for index in 0..<count {
        let velocity = μ * slots[last][index] + g[index] / (abs(variance[index]).squareRoot() + ε)
        slots[last][index] = velocity
        θ[index] -= rate * velocity
      }
    }
  }
}
