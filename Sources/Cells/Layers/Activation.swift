public import EbbRecording

/// A function that a cell applies to each of its features.
public enum Activation: Hashable, Sendable, CaseIterable {
  /// g(x) = x; tanh x; max(x, 0); 1 / (1 + e⁻ˣ); log(1 + eˣ).
  case identity, tanh, relu, sigmoid, softplus
  /// x / (1 + |x|); eˣ; x / (1 + e⁻ˣ), also called swish; x Φ(x) with the normal distribution's Φ, not its tanh
  /// approximation.
  case softsign, exponential, silu, gelu
  /// min(max(slope · x + ½, 0), 1): with 1/6 that of PyTorch, Flax and Keras 3, with 0.2 that of Keras 2 and ONNX.
  case hardSigmoid(slope: Double = 1.0 / 6)
  /// x, and scale · (eˣ − 1) below 0 (Clevert, Unterthiner & Hochreiter 2016).
  case elu(scale: Double = 1)
  /// x, and slope · x below 0: PyTorch's and Flax's slope is 0.01, Keras 3's 0.2.
  case leakyReLU(slope: Double = 0.01)
  /// 1.0507… · elu(x) with the scale 1.6732… (Klambauer et al. 2017).
  case selu

  /// Each function, with its default number where it has one.
  public static var allCases: [Activation] {
    [
      .identity, .tanh, .relu, .sigmoid, .softplus, .softsign, .exponential, .silu, .gelu, .hardSigmoid(), .elu(),
      .leakyReLU(), .selu,
    ]
  }

  /// The function of each feature.
  public func callAsFunction(_ x: Signal) -> Signal {
    switch self {
    case .identity: x
    case .tanh: EbbRecording.tanh(x)
    case .relu: EbbRecording.relu(x)
    case .sigmoid: EbbRecording.sigmoid(x)
    case .softplus: EbbRecording.softplus(x)
    case .softsign: x / (1 + abs(x))
    case .exponential: exp(x)
    case .silu: x * EbbRecording.sigmoid(x)
    case .gelu: 0.5 * x * (1 + erf(x * 0.5.squareRoot()))
    case .hardSigmoid(let slope): minimum(maximum(slope * x + 0.5, 0), 1)
    // The exponential of what is not taken stays finite, so that its derivative is 0 and not 0 · ∞.
    case .elu(let scale): select(x .> 0, x, scale * expm1(minimum(x, 0)))
    case .leakyReLU(let slope): select(x .> 0, x, slope * x)
    case .selu: 1.0507009873554804934 * Self.elu(scale: 1.6732632423543772848)(x)
    }
  }
}

/// min(max(x, −limit), limit); x without a limit.
func limited(_ x: Signal, to limit: Double?) -> Signal {
  limit.map { minimum(maximum(x, -$0), $0) } ?? x
}
