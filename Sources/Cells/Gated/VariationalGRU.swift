public import EbbRecording

/// The GRU with one dropout mask for all steps of a sequence (Gal & Ghahramani 2016, with tied weights), on the input
/// and on the state where it enters products, not where it is carried over:
///
///     x̂ = m_x ⊙ x / (1 − p_x)           ĥ = m_h ⊙ h / (1 − p_h)
///     u  = σ(W_u [ĥ, x̂] + b_u)          r = σ(W_r [ĥ, x̂] + b_r)
///     h̃  = tanh(W_c [r ⊙ ĥ, x̂] + b_c)
///     h' = (1 − u) ⊙ h + u ⊙ h̃
///
/// A mask m is drawn for each sequence; an entry is 0 with probability p. Parameters and evaluation are as in `GRU`.
public struct VariationalGRU: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// p_x, in 0 ..< 1.
  public var inputDropout: Double
  /// p_h.
  public var recurrentDropout: Double

  /// A cell of `units` features; each rate is in 0 ..< 1, and a rate of 0 draws nothing.
  public init(units: Int, inputDropout: Double = 0, recurrentDropout: Double = 0) {
    self.units = units
    self.inputDropout = inputDropout
    self.recurrentDropout = recurrentDropout
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let sequences = x.sequenceDomain
    let seen = scope.dropout(x, inputDropout, over: sequences)
    let h = scope.state("h", units)
    let past = scope.dropout(h, recurrentDropout, over: sequences)
    let update = sigmoid(scope.affine("update", [past, seen], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [past, seen], units)).named("reset")
    let candidate = tanh(scope.affine("candidate", [reset * past, seen], units)).named("candidate")
    return h.next((1 - update) * h + update * candidate)
  }
}
