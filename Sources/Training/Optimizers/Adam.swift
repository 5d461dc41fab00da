internal import Foundation

/// Adam (Kingma & Ba 2015, algorithm 1), with the correction of the moments' bias towards 0:
///
///     m ← β₁ m + (1 − β₁) g         m̂ = m / (1 − β₁ᵗ)
///     v ← β₂ v + (1 − β₂) g²        v̂ = v / (1 − β₂ᵗ)
///     θ ← θ − η m̂ / (√v̂ + ε)
///
/// With `amsgrad` the divisor never falls (Reddi, Kale & Kumar 2018, algorithm 2, with the corrections above):
///
///     w ← max(w, v)                 ŵ = w / (1 − β₂ᵗ) in place of v̂
///
/// The maximum is of the uncorrected v, as in PyTorch and Keras; Optax takes that of v̂. ε is added after the correction
/// of v, as in PyTorch and Optax. Keras adds it before: to √v, so that its ε acts as ε / √(1 − β₂ᵗ), 32 times as large
/// at the first step with β₂ = 0.999. Its default is 10⁻⁷.
public struct Adam: ElementwiseOptimizer {
  public var learningRate: Double
  /// β₁ and β₂, each in 0 ..< 1.
  public var beta1: Double
  /// β₂, in 0 ..< 1.
  public var beta2: Double
  /// ε, which keeps the quotient finite if the gradient is 0.
  public var epsilon: Double
  /// Whether the largest v so far divides the step. It is kept for each number, beside m and v.
  public var amsgrad: Bool
  public var weightDecay: WeightDecay

  /// The optimizer with these settings; the defaults are the paper's.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    amsgrad: Bool = false, weightDecay: WeightDecay = .none
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.amsgrad = amsgrad
    self.weightDecay = weightDecay
  }

  public var slots: [String] { ["firstMoment", "secondMoment"] + (amsgrad ? ["largestSecondMoment"] : []) }
  public var kind: String { amsgrad ? "Adam with AMSGrad" : "Adam" }

  public func factors(step: Int) -> [Double] {
    // The corrections involve powers near 1: θ ← θ − r m / (c √v + ε).
    let (r, c) = (learningRate / (1 - pow(beta1, Double(step))), 1 / (1 - pow(beta2, Double(step))).squareRoot())
    return [r, c, beta1, 1 - beta1, beta2, 1 - beta2, epsilon]
  }

  public func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
  ) {
    let (r, c, ε) = (factors[0], factors[1], factors[6])
    let g = g.withFiniteSquare
    let m = factors[2] * slots[0] + factors[3] * g
    let v = factors[4] * slots[1] + factors[5] * (g * g)
    (slots[0], slots[1]) = (m, v)
    let w = amsgrad ? slots[2].orLarger(v) : v
    if amsgrad { slots[2] = w }
    θ = θ - r * m / (c * w.root + ε)
  }
}
