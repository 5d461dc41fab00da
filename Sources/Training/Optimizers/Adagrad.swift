/// Adagrad (Duchi, Hazan & Singer 2011, the diagonal form): rates that fall as squared gradients accumulate.
///
///     s ← s + g²
///     θ ← θ − η g / (√s + ε)
public struct Adagrad: Optimizer {
  public var learningRate: Double
  /// ε, which keeps the quotient finite if every gradient was 0.
  public var epsilon: Double
  public var weightDecay: WeightDecay

  /// The optimizer with these settings.
  public init(learningRate: Double = 0.01, epsilon: Double = 1e-10, weightDecay: WeightDecay = .none) {
    self.learningRate = learningRate
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  public var slots: [String] { ["squares"] }

  public func descend<Scalar: BinaryFloatingPoint>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = checkedCount(values, gradient, slots, self.slots)
    let (rate, ε) = (Scalar(learningRate), Scalar(epsilon))
    let gradient = withFiniteSquares(gradient)
    let g = gradient.span
    var θ = values.mutableSpan
    var s = slots[0].mutableSpan
    for index in 0..<count { s[index] += g[index] * g[index] }
    // The absolute value of a nonnegative number, so that the root compiles to an instruction and not a call.
    for index in 0..<count { θ[index] -= rate * g[index] / (abs(s[index]).squareRoot() + ε) }
  }
}
