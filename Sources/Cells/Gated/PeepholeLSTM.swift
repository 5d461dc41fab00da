public import EbbRecording

/// The LSTM whose gates also read the cell state, feature by feature (Gers, Schraudolph & Schmidhuber 2002):
///
///     i  = σ(W_i [h, x] + p_i ⊙ c + b_i)     f = σ(W_f [h, x] + p_f ⊙ c + b_f)
///     c̃  = tanh(W_c [h, x] + b_c)            c' = f ⊙ c + i ⊙ c̃
///     o  = σ(W_o [h, x] + p_o ⊙ c' + b_o)    h' = o ⊙ tanh(c')
public struct PeepholeLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool
  /// The largest magnitude of what i, f, o and c̃ are functions of; nil for no limit. ONNX calls it `clip`.
  public var preactivationLimit: Double?

  /// A cell of `units` features.
  public init(
    units: Int, gateActivation: Activation = .sigmoid, activation: Activation = .tanh,
    outputActivation: Activation = .tanh, hasBias: Bool = true, preactivationLimit: Double? = nil
  ) {
    self.units = units
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
    self.preactivationLimit = preactivationLimit
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func gate(_ name: String, seeing cell: Signal, bias: Initializer = .zeros) -> Signal {
      let peephole = scope.parameter(name + ".peephole", [units], .zeros)
      let sum = scope.affine(name, [h, x], units, bias: hasBias ? bias : nil) + peephole * cell
      return gateActivation(limited(sum, to: preactivationLimit)).named(name)
    }
    let input = gate("input", seeing: c)
    let forget = gate("forget", seeing: c, bias: .constant(1))
    let proposal = scope.affine("candidate", [h, x], units, bias: hasBias ? .zeros : nil)
    let candidate = activation(limited(proposal, to: preactivationLimit)).named("candidate")
    let cell = c.next(forget * c + input * candidate)
    let output = gate("output", seeing: cell)
    return h.next(output * outputActivation(cell))
  }
}
