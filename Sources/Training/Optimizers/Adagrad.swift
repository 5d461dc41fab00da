/// Adagrad (Duchi, Hazan & Singer 2011, the diagonal form): rates that fall as squared gradients accumulate.
///
///     s ← s + g²
///     θ ← θ − η g / (√(s₀ + s) + ε)
///
/// s₀ keeps the first steps small. It is 0 by default, as in PyTorch (`initial_accumulator_value`); Keras and Optax have
/// 0.1. ε is added to the root, as in PyTorch. Keras and Optax add it under the root, √(s₀ + s + ε) with ε = 10⁻⁷: their
/// steps are those of `Adagrad(epsilon: 0, initialAccumulator: 0.1 + 1e-7)`.
public struct Adagrad: ElementwiseOptimizer {
  public var learningRate: Double
  /// ε, which keeps the quotient finite if every gradient was 0.
  public var epsilon: Double
  /// s₀, at least 0: what the sum of the squares starts from.
  public var initialAccumulator: Double
  public var weightDecay: WeightDecay

  /// The optimizer with these settings.
  public init(
    learningRate: Double = 0.01, epsilon: Double = 1e-10, initialAccumulator: Double = 0,
    weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.initialAccumulator = initialAccumulator
    self.weightDecay = weightDecay
  }

  public var slots: [String] { ["squares"] }

  public func factors(step: Int) -> [Double] { [learningRate, epsilon, initialAccumulator] }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    let (η, ε, s0) = (factors[0], factors[1], factors[2])
    let g = g.withFiniteSquare
    let s = slots[0] + g * g
    slots[0] = s
    // s₀ is added here, so that the state begins at 0 as every optimizer's does and is the same for any s₀.
    θ = θ - η * g / ((s0 + s).root + ε)
  }
}
