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
public struct Adam: Optimizer {
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

  public func descend<Scalar: BinaryFloatingPoint>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
  ) {
    let count = checkedCount(values, gradient, slots, self.slots)
    // The corrections involve powers near 1 and are computed in Float64: θ ← θ − r m / (c √v + ε).
    let r = Scalar(learningRate / (1 - pow(beta1, Double(step))))
    let c = Scalar(1 / (1 - pow(beta2, Double(step))).squareRoot())
    let (b1, b2, ε) = (Scalar(beta1), Scalar(beta2), Scalar(epsilon))
    let (a1, a2) = (Scalar(1 - beta1), Scalar(1 - beta2))
    let gradient = withFiniteSquares(gradient)
    let g = gradient.span
    var θ = values.mutableSpan
    var largest = amsgrad ? slots.removeLast() : []
    var second = slots.removeLast()
    var m = slots[0].mutableSpan
    var v = second.mutableSpan
    // One loop for each equation, so that the compiler vectorizes all three. The root of a possibly negative number
    // would be a call, hence the absolute value of a nonnegative one.
    for index in 0..<count { m[index] = b1 * m[index] + a1 * g[index] }
    for index in 0..<count { v[index] = b2 * v[index] + a2 * (g[index] * g[index]) }
    if amsgrad {
      var w = largest.mutableSpan
      for index in 0..<count { w[index] = max(w[index], v[index]) }
      for index in 0..<count { θ[index] -= r * m[index] / (c * abs(w[index]).squareRoot() + ε) }
    } else {
      for index in 0..<count { θ[index] -= r * m[index] / (c * abs(v[index]).squareRoot() + ε) }
    }
    slots.append(second)
    if amsgrad { slots.append(largest) }
  }
}
