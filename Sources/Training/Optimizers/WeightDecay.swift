/// Decay of the parameters towards 0, in either of two forms, which differ as soon as steps are scaled by gradients:
///
///     g ← g + λ θ           L2: the gradient of λ ‖θ‖² / 2 joins that of the loss
///     θ ← θ − η λ θ         decoupled: separate from the optimizer's step (Loshchilov & Hutter 2019, algorithm 2)
public enum WeightDecay: Hashable, Sendable {
  /// None.
  case none
  /// L2, with λ.
  case l2(Double)
  /// Decoupled, with λ.
  case decoupled(Double)

  /// λ; 0 for none.
  var factor: Double {
    switch self {
    case .none: 0
    case .l2(let factor), .decoupled(let factor): factor
    }
  }

  /// Changes the gradient or the parameter before the optimizer's step.
  func apply<Scalar: BinaryFloatingPoint>(_ values: inout [Scalar], _ gradient: inout [Scalar], rate: Double) {
    let count = values.count
    switch self {
    case .none: break
    case .l2(let factor):
      let λ = Scalar(factor)
      for index in 0..<count { gradient[index] += λ * values[index] }
    case .decoupled(let factor):
      // θ (1 − η λ), with one rounding less than the difference.
      let remainder = Scalar(1 - rate * factor)
      for index in 0..<count { values[index] *= remainder }
    }
  }
}
