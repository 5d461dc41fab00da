public import EbbRecording
internal import EbbTensors

/// Leaky integrate-and-fire neurons with a synaptic current I, a membrane potential U and spikes z, trained by a
/// surrogate gradient (Neftci, Mostafa & Zenke 2019):
///
///     I' = α I + W x + V z + b
///     U' = β U + I − θ z
///     z' = Θ(U' − θ)                     dz'/dU' := 1 / (1 + γ |U' − θ|)²
///
/// A spike lowers the potential by the threshold θ. Θ is 1 above 0 and else 0; the derivative in its place is that of a fast
/// sigmoid. The output is z.
public struct LeakyIntegrateAndFire: RecurrentCell {
  /// The neurons: the features of each state and the output.
  public var units: Int
  /// α, the part of the current that is left after a step.
  public var currentDecay: Double
  /// β, the part of the potential that is left after a step.
  public var potentialDecay: Double
  /// θ, greater than 0.
  public var threshold: Double
  /// γ, how steep the surrogate is.
  public var steepness: Double

  /// A layer of `units` neurons.
  public init(
    units: Int, currentDecay: Double = 0.8, potentialDecay: Double = 0.9, threshold: Double = 1, steepness: Double = 10
  ) {
    self.units = units
    self.currentDecay = currentDecay
    self.potentialDecay = potentialDecay
    self.threshold = threshold
    self.steepness = steepness
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let current = scope.state("current", units)
    let potential = scope.state("potential", units)
    let z = scope.state("spikes", units)
    func weights(_ rows: Int) -> [Initializer] { [.normal(deviation: 1 / Double(rows).squareRoot())] }
    let input = scope.affine("input", [x], units, weights: weights(x.shape.count))
    let recurrent = scope.affine("recurrent", [z], units, weights: weights(units), bias: nil)
    current.next(currentDecay * current + input + recurrent)
    let excess = potential.next(potentialDecay * potential + current - threshold * z) - threshold
    return z.next(spike(excess, slope: reciprocal(square(1 + steepness * abs(excess)))))
  }
}
