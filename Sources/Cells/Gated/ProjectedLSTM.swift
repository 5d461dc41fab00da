public import EbbRecording

/// The LSTM whose output is a projection to fewer features, which its gates also read (Sak, Senior & Beaufays 2014,
/// LSTMP, without peepholes and without the non-recurrent projection):
///
///     i  = σ(W_i [h, x] + b_i)          f = σ(W_f [h, x] + b_f)
///     c̃  = tanh(W_c [h, x] + b_c)       o = σ(W_o [h, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = W_r (o ⊙ tanh(c'))
///
/// The forget gate's bias is initially 1, as in the LSTM.
public struct ProjectedLSTM: RecurrentCell {
  /// The features of c.
  public var units: Int
  /// The features of h.
  public var outputs: Int
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool

  /// A cell of `units` features in c and `outputs` in h.
  public init(
    units: Int, outputs: Int, gateActivation: Activation = .sigmoid, activation: Activation = .tanh,
    outputActivation: Activation = .tanh, hasBias: Bool = true
  ) {
    self.units = units
    self.outputs = outputs
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", outputs)
    let c = scope.state("c", units)
    func affine(_ name: String, bias: Initializer = .zeros) -> Signal {
      scope.affine(name, [h, x], units, bias: hasBias ? bias : nil)
    }
    let input = gateActivation(affine("input"))
    let forget = gateActivation(affine("forget", bias: .constant(1)))
    let candidate = activation(affine("candidate"))
    let output = gateActivation(affine("output"))
    let cell = c.next(forget * c + input * candidate)
    return h.next(scope.affine("projection", [output * outputActivation(cell)], outputs, bias: nil))
  }
}
