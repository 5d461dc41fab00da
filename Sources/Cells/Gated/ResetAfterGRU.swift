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
  /// The function of z and r: σ.
  public var gateActivation: Activation
  /// The function of the candidate h̃.
  public var activation: Activation
  /// Whether there are the biases b and d.
  public var hasBias: Bool
  /// The largest magnitude of what z, r and h̃ are functions of; nil for no limit. ONNX calls it `clip`.
  public var preactivationLimit: Double?

  /// A cell of `units` features.
  public init(
    units: Int, gateActivation: Activation = .sigmoid, activation: Activation = .tanh, hasBias: Bool = true,
    preactivationLimit: Double? = nil
  ) {
    self.units = units
    self.gateActivation = gateActivation
    self.activation = activation
    self.hasBias = hasBias
    self.preactivationLimit = preactivationLimit
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    func affine(_ name: String, _ operands: [Signal]) -> Signal {
      scope.affine(name, operands, units, bias: hasBias ? .zeros : nil)
    }
    let update = gateActivation(limited(affine("update", [h, x]), to: preactivationLimit)).named("update")
    let reset = gateActivation(limited(affine("reset", [h, x]), to: preactivationLimit)).named("reset")
    let proposal = affine("candidate", [x]) + reset * affine("recurrentCandidate", [h])
    let candidate = activation(limited(proposal, to: preactivationLimit)).named("candidate")
    return h.next((1 - update) * candidate + update * h)
  }
}
