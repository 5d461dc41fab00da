public import EbbRecording

/// The undamped independent controlled oscillatory network: one layer of independent oscillators, each with its own
/// clock (Rusch & Mishra, ICML 2021, section 2):
///
///     z' = z − Δt σ(c) ⊙ (tanh(w ⊙ y + V x + b) + α y)
///     y' = y + Δt σ(c) ⊙ z'
///
/// This is the symplectic Euler method for a Hamiltonian system: the Jacobian of a step has determinant exactly 1, and
/// for constant input the H = α/2 y² + z²/2 + log cosh(w y + V x + b) / w of each unit oscillates without drifting. So
/// the gradient through one layer cannot vanish as a whole.
public struct UnICORNN: RecurrentCell {
  /// The number of oscillators: the features of y and z, and of the output.
  public var units: Int
  /// Δt, the length of a step.
  public var timeStep: Double
  /// α, the square of each oscillator's own frequency.
  public var stiffness: Double

  /// A layer of `units` oscillators.
  public init(units: Int, timeStep: Double = 0.1, stiffness: Double = 1) {
    self.units = units
    self.timeStep = timeStep
    self.stiffness = stiffness
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let y = scope.state("y", units)
    let z = scope.state("z", units)
    let step = timeStep * sigmoid(scope.parameter("clock", [units], .uniform(limit: 0.1)))
    let recurrent = scope.parameter("recurrent", [units], .between(0, 1))
    let push = tanh(recurrent * y + scope.affine("input", [x], units)).named("push")
    let velocity = z.next(z - step * (push + stiffness * y))
    return y.next(y + step * velocity)
  }
}
