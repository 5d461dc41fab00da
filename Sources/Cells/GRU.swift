public import EbbRecording

/// The gated recurrent unit, its reset gate applied before the candidate's product (Cho et al. 2014, equations 5 to 8;
/// u as in Chung et al. 2014, which is 1 − z of Cho et al.):
///
///     u  = σ(W_u [h, x] + b_u)          r = σ(W_r [h, x] + b_r)
///     h̃  = tanh(W_c [r ⊙ h, x] + b_c)
///     h' = (1 − u) ⊙ h + u ⊙ h̃
public struct GRU: RecurrentCell {
  public var units: Int
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [h, x], units))
    let reset = sigmoid(scope.affine("reset", [h, x], units))
    let candidate = tanh(scope.affine("candidate", [reset * h, x], units))
    return h.next((1 - update) * h + update * candidate)
  }
}
