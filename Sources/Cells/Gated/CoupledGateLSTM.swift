public import EbbRecording

/// The LSTM with coupled gates, also called CIFG: the input gate is 1 minus the forget gate (Greff et al. 2017, variant
/// CIFG; here without peepholes, unless `hasPeepholes`):
///
///     f  = σ(W_f [h, x] + b_f)          o  = σ(W_o [h, x] + b_o)
///     c̃  = tanh(W_c [h, x] + b_c)       c' = f ⊙ c + (1 − f) ⊙ c̃
///     h' = o ⊙ tanh(c')
///
/// A cell state that starts within ±1 stays there. The forget gate's bias is initially 1, as in the LSTM.
///
/// ONNX couples the other way with its `input_forget`: the input gate has the weights, and f = 1 − i. With σ both are
/// the same functions.
public struct CoupledGateLSTM: RecurrentCell {
  /// The gate that has weights; the other one is 1 minus it.
  public enum LearnedGate: Hashable, Sendable, CaseIterable {
    /// i = 1 − f, with the parameters `forget.*`.
    case forget
    /// f = 1 − i, with the parameters `input.*` and biases of −1 at first.
    case input
  }

  /// The features of each state and the output.
  public var units: Int
  /// The gate that has weights.
  public var learnedGate: LearnedGate
  /// Whether the gates also read c feature by feature, as in `PeepholeLSTM`.
  public var hasPeepholes: Bool
  /// The function of the learned gate and of o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the three biases b.
  public var hasBias: Bool
  /// The largest magnitude of what the gates and c̃ are functions of; nil for no limit. ONNX calls it `clip`.
  public var preactivationLimit: Double?

  /// A cell of `units` features.
  public init(
    units: Int, learnedGate: LearnedGate = .forget, hasPeepholes: Bool = false, gateActivation: Activation = .sigmoid,
    activation: Activation = .tanh, outputActivation: Activation = .tanh, hasBias: Bool = true,
    preactivationLimit: Double? = nil
  ) {
    self.units = units
    self.learnedGate = learnedGate
    self.hasPeepholes = hasPeepholes
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
    self.preactivationLimit = preactivationLimit
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func affine(_ name: String, seeing cell: Signal? = nil, bias: Initializer = .zeros) -> Signal {
      var value = scope.affine(name, [h, x], units, bias: hasBias ? bias : nil)
      if hasPeepholes, let cell { value = value + scope.parameter(name + ".peephole", [units], .zeros) * cell }
      return limited(value, to: preactivationLimit)
    }
    let (name, bias) =
      switch learnedGate {
      case .forget: ("forget", 1.0)
      case .input: ("input", -1.0)
      }
    let gate = gateActivation(affine(name, seeing: c, bias: .constant(bias))).named(name)
    let candidate = activation(affine("candidate")).named("candidate")
    func output(_ cell: Signal) -> Signal { gateActivation(affine("output", seeing: cell)).named("output") }
    // Without peepholes the output gate comes first, so that its product is one of the step's first.
    let early = hasPeepholes ? nil : output(c)
    let next =
      switch learnedGate {
      case .forget: gate * c + (1 - gate) * candidate
      case .input: (1 - gate) * c + gate * candidate
      }
    let cell = c.next(next)
    return h.next((early ?? output(cell)) * outputActivation(cell))
  }
}
