public import EbbRecording

/// Long short-term memory (Hochreiter & Schmidhuber 1997), with the forget gate of Gers, Schmidhuber & Cummins (2000,
/// section 3):
///
///     i  = σ(W_i [h, x] + b_i)          f = σ(W_f [h, x] + b_f)
///     c̃  = tanh(W_c [h, x] + b_c)       o = σ(W_o [h, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = o ⊙ tanh(c')
///
/// The forget gate's bias is initially 1 (Jozefowicz, Zaremba & Sutskever 2015), or, for a longest dependency of T
/// steps, log u with u uniform on [1, T − 1] for each unit, and the input gate's −log u (Tallec & Ollivier 2018,
/// section 2).
///
/// Settings replace σ by `gateActivation`, the tanh of c̃ by `activation` and that of c' by `outputActivation`, leave
/// the biases out, and clip the arguments of σ and of c̃ to ±`preactivationLimit`.
public struct LSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// The longest dependency that the cell should learn, in steps, greater than 2; nil for biases of 1 and 0.
  public var longestDependency: Double?
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output. Keras and Flax have one setting for this and `activation`.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool
  /// The largest magnitude of what i, f, o and c̃ are functions of; nil for no limit. ONNX calls it `clip`.
  public var preactivationLimit: Double?

  /// A cell of `units` features.
  public init(
    units: Int, longestDependency: Double? = nil, gateActivation: Activation = .sigmoid, activation: Activation = .tanh,
    outputActivation: Activation = .tanh, hasBias: Bool = true, preactivationLimit: Double? = nil
  ) {
    self.units = units
    self.longestDependency = longestDependency
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
    self.preactivationLimit = preactivationLimit
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let chrono = longestDependency.map { Initializer.drawn(as: scope.path + ".chrono", .chrono(longest: $0)) }
    let closed = chrono.map { Initializer.negative($0) } ?? .zeros
    func affine(_ name: String, bias: Initializer = .zeros) -> Signal {
      limited(scope.affine(name, [h, x], units, bias: hasBias ? bias : nil), to: preactivationLimit)
    }
    let input = gateActivation(affine("input", bias: closed)).named("input")
    let forget = gateActivation(affine("forget", bias: chrono ?? .constant(1))).named("forget")
    let candidate = activation(affine("candidate")).named("candidate")
    let output = gateActivation(affine("output")).named("output")
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * outputActivation(cell))
  }
}
