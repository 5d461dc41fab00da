public import EbbRecording

/// The LSTM whose gates and candidate read only the input, with gates that sum to 1 (Feng et al. 2024, section 3.2):
///
///     f  = σ(W_f x + b_f)               i = σ(W_i x + b_i)
///     h̃  = W_h x + b_h
///     h' = (f ⊙ h + i ⊙ h̃) / (f + i)
///
/// f / (f + i) is computed as σ(log f − log i), which avoids 0 / 0 if both gates round to 0.
public struct MinLSTM: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let forget = scope.affine("forget", [x], units)
    let input = scope.affine("input", [x], units)
    let candidate = scope.affine("candidate", [x], units).named("candidate")
    // log σ(a) = −softplus(−a)
    let keep = sigmoid(softplus(-input) - softplus(-forget)).named("keep")
    return h.next(keep * h + (1 - keep) * candidate)
  }
}
