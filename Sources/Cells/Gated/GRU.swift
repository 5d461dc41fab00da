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
  /// The function of u and r: σ.
  public var gateActivation: Activation
  /// The function of the candidate h̃.
  public var activation: Activation
  /// Whether there are the three biases b.
  public var hasBias: Bool
  /// The largest magnitude of what u, r and h̃ are functions of; nil for no limit. ONNX calls it `clip`.
  public var preactivationLimit: Double?

  /// A cell of `units` features.
  public init(
    units: Int, longestDependency: Double? = nil, gateActivation: Activation = .sigmoid, activation: Activation = .tanh,
    hasBias: Bool = true, preactivationLimit: Double? = nil
  ) {
    self.units = units
    self.longestDependency = longestDependency
    self.gateActivation = gateActivation
    self.activation = activation
    self.hasBias = hasBias
    self.preactivationLimit = preactivationLimit
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let chrono = longestDependency.map { Initializer.negative(.chrono(longest: $0)) }
    func affine(_ name: String, _ past: Signal, bias: Initializer = .zeros) -> Signal {
      limited(scope.affine(name, [past, x], units, bias: hasBias ? bias : nil), to: preactivationLimit)
    }
    let update = gateActivation(affine("update", h, bias: chrono ?? .zeros)).named("update")
    let reset = gateActivation(affine("reset", h)).named("reset")
    let candidate = activation(affine("candidate", reset * h)).named("candidate")
    return h.next((1 - update) * h + update * candidate)
  }
}
