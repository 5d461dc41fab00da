public import EbbRecording

/// The coupled oscillatory network: y is the position of each oscillator and z its velocity, driven by all others and
/// damped (Rusch & Mishra, ICLR 2021, section 2, with the damping at the previous step):
///
///     z' = z + Δt (tanh(W [y, z, x] + b) − γ y − ε z)
///     y' = y + Δt z'
///
/// For all weights and inputs, ‖z‖² + γ ‖y‖² of H units grows by at most H Δt / (ε − γ Δt) per step if γ Δt < ε and ε
/// Δt ≤ 1, so the state never explodes. (The paper bounds it in the same way.)
public struct CoRNN: RecurrentCell {
  /// The number of oscillators: the features of y and z, and of the output.
  public var units: Int
  /// Δt, the length of a step.
  public var timeStep: Double
  /// γ, the square of each oscillator's own frequency.
  public var stiffness: Double
  /// ε.
  public var damping: Double

  /// A cell of `units` oscillators.
  public init(units: Int, timeStep: Double = 0.05, stiffness: Double = 1, damping: Double = 1) {
    self.units = units
    self.timeStep = timeStep
    self.stiffness = stiffness
    self.damping = damping
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let y = scope.state("y", units)
    let z = scope.state("z", units)
    let force = tanh(scope.affine("force", [y, z, x], units)).named("force")
    let velocity = z.next(z + timeStep * (force - stiffness * y - damping * z))
    return y.next(y + timeStep * velocity)
  }
}
