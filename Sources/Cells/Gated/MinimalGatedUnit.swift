public import EbbRecording

/// The minimal gated unit, with one gate for forgetting and resetting (Zhou et al. 2016, equations 7 to 9):
///
///     f  = σ(W_f [h, x] + b_f)
///     h̃  = tanh(W_c [f ⊙ h, x] + b_c)
///     h' = (1 − f) ⊙ h + f ⊙ h̃
///
/// With the reset after the product, as in Flax's `MGUCell`, f is the share of the old state:
///
///     h̃  = tanh(W_c x + b_c + f ⊙ (U_c h + d_c))
///     h' = (1 − f) ⊙ h̃ + f ⊙ h
///
/// Without the reset, Flax's `reset_gate=False`, f is not in the candidate, which is tanh(W_c [h, x] + b_c) in both
/// conventions; they differ in what f is the share of.
public struct MinimalGatedUnit: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// Where f multiplies in the candidate, and what it is the share of.
  public var reset: ResetConvention
  /// Whether f multiplies in the candidate; it decides about the state in any case.
  public var hasReset: Bool
  /// The function of f: σ.
  public var gateActivation: Activation
  /// The function of the candidate h̃.
  public var activation: Activation
  /// Whether there are the biases b and d.
  public var hasBias: Bool

  /// A cell of `units` features.
  public init(
    units: Int, reset: ResetConvention = .before, hasReset: Bool = true, gateActivation: Activation = .sigmoid,
    activation: Activation = .tanh, hasBias: Bool = true
  ) {
    self.units = units
    self.reset = reset
    self.hasReset = hasReset
    self.gateActivation = gateActivation
    self.activation = activation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    func affine(_ name: String, _ operands: [Signal]) -> Signal {
      scope.affine(name, operands, units, bias: hasBias ? .zeros : nil)
    }
    let forget = gateActivation(affine("forget", [h, x])).named("forget")
    switch reset {
    case .before:
      let candidate = activation(affine("candidate", [hasReset ? forget * h : h, x])).named("candidate")
      return h.next((1 - forget) * h + forget * candidate)
    case .after:
      let proposal =
        hasReset
        ? affine("candidate", [x]) + forget * affine("recurrentCandidate", [h]) : affine("candidate", [h, x])
      let candidate = activation(proposal).named("candidate")
      return h.next((1 - forget) * candidate + forget * h)
    }
  }
}
