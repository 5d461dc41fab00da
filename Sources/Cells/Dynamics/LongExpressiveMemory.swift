public import EbbRecording

/// Long expressive memory, LEM: two states whose steps in time are gates (Rusch et al., ICLR 2022, section 2):
///
///     Δ  = Δt σ(W_1 [y, x] + b_1)       Δ̄  = Δt σ(W_2 [y, x] + b_2)
///     z' = (1 − Δ) ⊙ z + Δ ⊙ tanh(W_z [y, x] + b_z)
///     y' = (1 − Δ̄) ⊙ y + Δ̄ ⊙ tanh(W_y [z', x] + b_y)
///
/// For Δt ≤ 1, states that start within ±1 stay there.
public struct LongExpressiveMemory: RecurrentCell {
  /// The features of each of the two states, and of the output.
  public var units: Int
  /// Δt, the largest step.
  public var timeStep: Double

  /// A cell of `units` features.
  public init(units: Int, timeStep: Double = 1) {
    self.units = units
    self.timeStep = timeStep
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let y = scope.state("y", units)
    let z = scope.state("z", units)
    let slowStep = timeStep * sigmoid(scope.affine("slowStep", [y, x], units)).named("slowStep")
    let step = timeStep * sigmoid(scope.affine("step", [y, x], units)).named("step")
    let slow = z.next((1 - slowStep) * z + slowStep * tanh(scope.affine("slow", [y, x], units)).named("slow"))
    return y.next((1 - step) * y + step * tanh(scope.affine("output", [slow, x], units)).named("output"))
  }
}
