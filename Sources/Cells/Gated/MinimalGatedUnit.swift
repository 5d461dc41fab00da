public import EbbRecording

/// The minimal gated unit, with one gate for forgetting and resetting (Zhou et al. 2016, equations 7 to 9):
///
///     f  = σ(W_f [h, x] + b_f)
///     h̃  = tanh(W_c [f ⊙ h, x] + b_c)
///     h' = (1 − f) ⊙ h + f ⊙ h̃
public struct MinimalGatedUnit: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let forget = sigmoid(scope.affine("forget", [h, x], units)).named("forget")
    let candidate = tanh(scope.affine("candidate", [forget * h, x], units)).named("candidate")
    return h.next((1 - forget) * h + forget * candidate)
  }
}
