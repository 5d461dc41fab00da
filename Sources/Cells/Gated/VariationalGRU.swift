public import EbbRecording

/// The GRU with one dropout mask for all steps of a sequence (Gal & Ghahramani 2016, with tied weights), on the input
/// and on the state where it enters products, not where it is carried over:
///
///     x̂ = m_x ⊙ x / (1 − p_x)           ĥ = m_h ⊙ h / (1 − p_h)
///     u  = σ(W_u [ĥ, x̂] + b_u)          r = σ(W_r [ĥ, x̂] + b_r)
///     h̃  = tanh(W_c [r ⊙ ĥ, x̂] + b_c)
///     h' = (1 − u) ⊙ h + u ⊙ h̃
///
/// A mask m is drawn for each sequence; an entry is 0 with probability p. Parameters and evaluation are as in `GRU`, or
/// with the reset after the product as in `ResetAfterGRU`, which is Keras's default beside its `recurrent_dropout`:
///
///     h̃  = tanh(W_c x̂ + b_c + r ⊙ (U_c ĥ + d_c))          h' = (1 − u) ⊙ h̃ + u ⊙ h
public struct VariationalGRU: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// p_x, in 0 ..< 1.
  public var inputDropout: Double
  /// p_h.
  public var recurrentDropout: Double
  /// Where r multiplies, and what u is the share of.
  public var reset: ResetConvention
  /// The function of u and r: σ.
  public var gateActivation: Activation
  /// The function of the candidate h̃.
  public var activation: Activation
  /// Whether there are the biases b and d.
  public var hasBias: Bool

  /// A cell of `units` features; each rate is in 0 ..< 1, and a rate of 0 draws nothing.
  public init(
    units: Int, inputDropout: Double = 0, recurrentDropout: Double = 0, reset: ResetConvention = .before,
    gateActivation: Activation = .sigmoid, activation: Activation = .tanh, hasBias: Bool = true
  ) {
    self.units = units
    self.inputDropout = inputDropout
    self.recurrentDropout = recurrentDropout
    self.reset = reset
    self.gateActivation = gateActivation
    self.activation = activation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let sequences = x.sequenceDomain
    let seen = scope.dropout(x, inputDropout, over: sequences)
    let h = scope.state("h", units)
    let past = scope.dropout(h, recurrentDropout, over: sequences)
    func affine(_ name: String, _ operands: [Signal]) -> Signal {
      scope.affine(name, operands, units, bias: hasBias ? .zeros : nil)
    }
    let update = gateActivation(affine("update", [past, seen])).named("update")
    let reset = gateActivation(affine("reset", [past, seen])).named("reset")
    switch self.reset {
    case .before:
      let candidate = activation(affine("candidate", [reset * past, seen])).named("candidate")
      return h.next((1 - update) * h + update * candidate)
    case .after:
      let proposal = affine("candidate", [seen]) + reset * affine("recurrentCandidate", [past])
      let candidate = activation(proposal).named("candidate")
      return h.next((1 - update) * candidate + update * h)
    }
  }
}
