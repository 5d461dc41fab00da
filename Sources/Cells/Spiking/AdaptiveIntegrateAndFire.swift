public import EbbRecording
internal import EbbTensors

/// Leaky integrate-and-fire neurons whose threshold rises with each of their spikes, the adaptive neurons of an LSNN
/// (Bellec et al., NeurIPS 2018):
///
///     U' = α U + (1 − α) (W x + V z + b) − B z            B  = θ + κ a
///     a' = ρ a + (1 − ρ) z                                B' = θ + κ a'
///     z' = Θ(v)  with  v = (U' − B') / B'                 dz'/dv := γ max(0, 1 − |v|)
///
/// a forgets slowly, and so carries the gradient over hundreds of steps. The output is z.
public struct AdaptiveIntegrateAndFire: RecurrentCell {
  /// The neurons: the features of each state and the output.
  public var units: Int
  /// α, the part of the potential that is left after a step.
  public var potentialDecay: Double
  /// ρ, the part of the adaptation that is left after a step.
  public var adaptationDecay: Double
  /// κ, how much a spike raises the threshold.
  public var adaptation: Double
  /// θ, the threshold of a neuron at rest, greater than 0.
  public var threshold: Double
  /// γ, the largest slope of the surrogate.
  public var dampening: Double

  /// A layer of `units` neurons.
  public init(
    units: Int, potentialDecay: Double = 0.95, adaptationDecay: Double = 0.995, adaptation: Double = 1.8,
    threshold: Double = 0.1, dampening: Double = 0.3
  ) {
    self.units = units
    self.potentialDecay = potentialDecay
    self.adaptationDecay = adaptationDecay
    self.adaptation = adaptation
    self.threshold = threshold
    self.dampening = dampening
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let potential = scope.state("potential", units)
    let fatigue = scope.state("adaptation", units)
    let z = scope.state("spikes", units)
    func weights(_ rows: Int) -> [Initializer] { [.normal(deviation: 1 / Double(rows).squareRoot())] }
    let input = scope.affine("input", [x], units, weights: weights(x.shape.count))
    let recurrent = scope.affine("recurrent", [z], units, weights: weights(units), bias: nil)
    let reset = (threshold + adaptation * fatigue) * z
    let u = potential.next(potentialDecay * potential + (1 - potentialDecay) * (input + recurrent) - reset)
    let nextFatigue = fatigue.next(adaptationDecay * fatigue + (1 - adaptationDecay) * z)
    let barrier = threshold + adaptation * nextFatigue
    let v = (u - barrier) / barrier
    return z.next(spike(v, slope: dampening * relu(1 - abs(v))))
  }
}
