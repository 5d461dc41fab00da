/// Adagrad (Duchi, Hazan & Singer 2011, the diagonal form): rates that fall as squared gradients accumulate.
///
///     s ← s + g²
///     θ ← θ − η g / (√(s₀ + s) + ε)
///
/// s₀ keeps the first steps small. It is 0 by default, as in PyTorch (`initial_accumulator_value`); Keras and Optax have
/// 0.1. ε is added to the root, as in PyTorch. Keras and Optax add it under the root, √(s₀ + s + ε) with ε = 10⁻⁷: their
/// steps are those of `Adagrad(epsilon: 0, initialAccumulator: 0.1 + 1e-7)`.
public struct Adagrad: Optimizer {
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

  public func descend<Scalar: BinaryFloatingPoint>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = checkedCount(values, gradient, slots, self.slots)
    let (rate, ε, s0) = (Scalar(learningRate), Scalar(epsilon), Scalar(initialAccumulator))
    let gradient = withFiniteSquares(gradient)
    let g = gradient.span
    var θ = values.mutableSpan
    var s = slots[0].mutableSpan
    for index in 0..<count { s[index] += g[index] * g[index] }
    // s₀ is added here, so that the state begins at 0 as every optimizer's does and is the same for any s₀.
    // The absolute value of a nonnegative number, so that the root compiles to an instruction and not a call.
    for index in 0..<count { θ[index] -= rate * g[index] / (abs(s0 + s[index]).squareRoot() + ε) }
  }
}
