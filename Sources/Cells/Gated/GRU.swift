public import EbbRecording

/// The gated recurrent unit, its reset gate applied before the candidate's product (Cho et al. 2014, equations 5 to 8;
/// u as in Chung et al. 2014, which is 1 − z of Cho et al.):
///
///     u  = σ(W_u [h, x] + b_u)          r = σ(W_r [h, x] + b_r)
///     h̃  = tanh(W_c [r ⊙ h, x] + b_c)
///     h' = (1 − u) ⊙ h + u ⊙ h̃
///
/// The update gate's bias is initially 0, or, for a longest dependency of T steps, −log v with v uniform on [1, T − 1]
/// for each unit (Tallec & Ollivier 2018, section 2).
public struct GRU: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// The longest dependency that the cell should learn, in steps, greater than 2; nil for a bias of 0.
  public var longestDependency: Double?

  /// A cell of `units` features.
  public init(units: Int, longestDependency: Double? = nil) {
    self.units = units
    self.longestDependency = longestDependency
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let chrono = longestDependency.map { Initializer.negative(.chrono(longest: $0)) }
    let update = sigmoid(scope.affine("update", [h, x], units, bias: chrono ?? .zeros)).named("update")
    let reset = sigmoid(scope.affine("reset", [h, x], units)).named("reset")
    let candidate = tanh(scope.affine("candidate", [reset * h, x], units)).named("candidate")
    return h.next((1 - update) * h + update * candidate)
  }
}
