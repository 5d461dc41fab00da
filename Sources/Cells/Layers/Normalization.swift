public import EbbRecording
internal import EbbTensors

/// Layer normalisation between layers (Ba, Kiros & Hinton 2016, equation 4): at each step of each sample
///
///     y = s ⊙ (x − mean x) / √(var x + ε) + b
public struct LayerNormalization: RecurrentCell {
  /// ε.
  public var epsilon: Double
  /// A normalisation with this ε over all features of its input.
  public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let scale = scope.parameter("scale", x.shape.array, .constant(1))
    return scale * layerNorm(x, epsilon: epsilon) + scope.parameter("bias", x.shape.array, .zeros)
  }
}
