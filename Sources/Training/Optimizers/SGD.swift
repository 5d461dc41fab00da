/// Stochastic gradient descent, with optional momentum (Polyak 1964) in either of two forms:
///
///     v ← μ v + g
///     θ ← θ − η v               classical
///     θ ← θ − η (g + μ v)       Nesterov's (Sutskever et al. 2013, as rewritten by Bengio et al. 2013, equation 7)
///
/// The rate is outside of the momentum, as in PyTorch; in Keras it is inside, v ← μ v − η g, which differs while the rate
/// changes. There is no dampening.
public struct SGD: ElementwiseOptimizer {
  public var learningRate: Double
  /// μ, in 0 ..< 1.
  public var momentum: Double
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool
  public var weightDecay: WeightDecay

  /// The optimizer with these settings.
  public init(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  public var slots: [String] { momentum == 0 ? [] : ["velocity"] }
  public var kind: String {
    momentum == 0 ? "SGD" : nesterov ? "SGD with Nesterov's momentum" : "SGD with momentum"
  }

  public func factors(step: Int) -> [Double] { [learningRate, momentum] }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    let (η, μ) = (factors[0], factors[1])
    guard momentum != 0 else {
      θ = θ - η * g
      return
    }
    let v = μ * slots[0] + g
    slots[0] = v
    θ = θ - η * (nesterov ? g + μ * v : v)
  }
}
