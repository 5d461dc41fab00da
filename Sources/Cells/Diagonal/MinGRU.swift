public import EbbRecording

/// The GRU whose gate and candidate read only the input (Feng et al. 2024, section 3.1):
///
///     z  = σ(W_z x + b_z)               h̃ = W_h x + b_h
///     h' = (1 − z) ⊙ h + z ⊙ h̃
///
/// The recurrence is linear in h: h_t = ∏ⱼ (1 − zⱼ) ⊙ h₀ + Σₖ ∏_{j>k} (1 − zⱼ) ⊙ zₖ ⊙ h̃ₖ.
public struct MinGRU: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [x], units)).named("update")
    let candidate = scope.affine("candidate", [x], units).named("candidate")
    return h.next((1 - update) * h + update * candidate)
  }
}
