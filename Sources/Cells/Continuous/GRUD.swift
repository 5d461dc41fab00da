public import EbbRecording
internal import EbbTensors

/// GRU-D, a GRU for observations at irregular times with missing values (Che et al. 2018):
///
///     γ_x = exp(−max(0, w_x ⊙ δ + b_x))             γ_h = exp(−max(0, W_h δ + b_h))
///     x̂   = m ⊙ x + (1 − m) ⊙ γ_x ⊙ x_last          ĥ   = γ_h ⊙ h
///     u   = σ(W_u [ĥ, x̂, m] + b_u)                  r   = σ(W_r [ĥ, x̂, m] + b_r)
///     h̃   = tanh(W_c [r ⊙ ĥ, x̂, m] + b_c)           h'  = (1 − u) ⊙ ĥ + u ⊙ h̃
///
/// The input has three parts of n features each: [x, m, δ]. m is 1 where a feature of x was observed and else 0, and δ
/// the time since it was last observed; x is not read where m is 0. x_last is the last value that was observed. A missing
/// value decays to 0: features are to have a mean of 0, which the paper writes as x̃.
public struct GRUD: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard x.shape.rank == 1, x.shape[0] % 3 == 0 else {
      return x.refused("GRUD: the input is [values, masks, intervals], as many of each, and not \(x.shape)")
    }
    let parts = split(x, into: 3)
    let (mask, interval) = (parts[1], parts[2])
    let count = parts[0].shape[0]
    let h = scope.state("h", units)
    let last = scope.state("last", count)
    let isSeen = mask .> 0.5
    let seen = last.next(select(isSeen, parts[0], last))
    let rate =
      scope.parameter("valueDecay.weight", [count], .between(0, 1)) * interval
      + scope.parameter("valueDecay.bias", [count], .zeros)
    let value = select(isSeen, parts[0], exp(-relu(rate)) * seen)
    let past = exp(-relu(scope.affine("stateDecay", [interval], units))).named("stateDecay") * h
    func affine(_ name: String, _ state: Signal) -> Signal { scope.affine(name, [state, value, mask], units) }
    let update = sigmoid(affine("update", past)).named("update")
    let reset = sigmoid(affine("reset", past)).named("reset")
    let candidate = tanh(affine("candidate", reset * past)).named("candidate")
    return h.next((1 - update) * past + update * candidate)
  }
}
