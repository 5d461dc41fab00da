public import EbbRecording
internal import EbbTensors

/// A reservoir of leaky units with fixed weights (Jaeger 2001; with leakage Jaeger et al. 2007):
///
///     h' = (1 − α) h + α tanh(W h + V x + b)
///
/// W, V and b are random and not trained: no gradient reaches them. W is scaled to a spectral radius, V and b are
/// uniform within ± their scales. Only later layers are trained, such as a `Dense` read-out. Gradients through time and
/// with respect to x follow from the equations.
public struct EchoState: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// The largest eigenvalue magnitude |λ| of W; below 1 the past fades in practice.
  public var spectralRadius: Double
  /// α, in (0, 1].
  public var leakage: Double
  /// The entries of V are initially uniform within ± this value.
  public var inputScale: Double
  /// The entries of b are initially uniform within ± this value.
  public var biasScale: Double

  /// A reservoir of `units` features.
  public init(
    units: Int, spectralRadius: Double = 0.9, leakage: Double = 1, inputScale: Double = 1, biasScale: Double = 0
  ) {
    self.units = units
    self.spectralRadius = spectralRadius
    self.leakage = leakage
    self.inputScale = inputScale
    self.biasScale = biasScale
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    func fixed(_ name: String, _ dimensions: [Int], _ initializer: Initializer) -> Signal {
      stopGradient(scope.parameter(name, dimensions, initializer))
    }
    let reservoir = fixed("reservoir", [units, units], .spectralRadius(spectralRadius))
    let input = fixed("input", [x.shape.count, units], .uniform(limit: inputScale))
    let bias = fixed("bias", [units], .uniform(limit: biasScale))
    let echo = tanh(matmul(h, reservoir) + matmul(x, input) + bias)
    return h.next((1 - leakage) * h + leakage * echo)
  }
}
