public import EbbRecording

/// The gated recurrent unit with its reset gate applied after the recurrent product, as in cuDNN and PyTorch, and in
/// Keras by default; as there, z keeps the old state:
///
///     z  = σ(W_z [h, x] + b_z)          r = σ(W_r [h, x] + b_r)
///     h̃  = tanh(W_c x + b_c + r ⊙ (U_c h + d_c))
///     h' = (1 − z) ⊙ h̃ + z ⊙ h
public struct ResetAfterGRU: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [h, x], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [h, x], units)).named("reset")
    let proposal = scope.affine("candidate", [x], units) + reset * scope.affine("recurrentCandidate", [h], units)
    let candidate = tanh(proposal).named("candidate")
    return h.next((1 - update) * candidate + update * h)
  }
}
