public import EbbRecording

/// The LSTM with one dropout mask for all steps of a sequence (Gal & Ghahramani 2016, with tied weights), and
/// separately recurrent dropout of the candidate, which erases no memory (Semeniuta, Severyn & Barth 2016):
///
///     x̂ = m_x ⊙ x / (1 − p_x)           ĥ = m_h ⊙ h / (1 − p_h)
///     i  = σ(W_i [ĥ, x̂] + b_i)          f = σ(W_f [ĥ, x̂] + b_f)
///     c̃  = tanh(W_c [ĥ, x̂] + b_c)       o = σ(W_o [ĥ, x̂] + b_o)
///     c' = f ⊙ c + i ⊙ m_c ⊙ c̃ / (1 − p_c)          h' = o ⊙ tanh(c')
///
/// A mask m is drawn for each sequence; an entry is 0 with probability p. Parameters and evaluation are as in `LSTM`.
public struct VariationalLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// p_x, in 0 ..< 1.
  public var inputDropout: Double
  /// p_h.
  public var recurrentDropout: Double
  /// p_c.
  public var candidateDropout: Double
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool

  /// A cell of `units` features; each rate is in 0 ..< 1, and a rate of 0 draws nothing.
  public init(
    units: Int, inputDropout: Double = 0, recurrentDropout: Double = 0, candidateDropout: Double = 0,
    gateActivation: Activation = .sigmoid, activation: Activation = .tanh, outputActivation: Activation = .tanh,
    hasBias: Bool = true
  ) {
    self.units = units
    self.inputDropout = inputDropout
    self.recurrentDropout = recurrentDropout
    self.candidateDropout = candidateDropout
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let sequences = x.sequenceDomain
    let seen = scope.dropout(x, inputDropout, over: sequences)
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let past = scope.dropout(h, recurrentDropout, over: sequences)
    func affine(_ name: String, bias: Initializer = .zeros) -> Signal {
      scope.affine(name, [past, seen], units, bias: hasBias ? bias : nil)
    }
    let input = gateActivation(affine("input")).named("input")
    let forget = gateActivation(affine("forget", bias: .constant(1))).named("forget")
    let candidate = activation(affine("candidate")).named("candidate")
    let output = gateActivation(affine("output")).named("output")
    let cell = c.next(forget * c + input * scope.dropout(candidate, candidateDropout, over: sequences))
    return h.next(output * outputActivation(cell))
  }
}
