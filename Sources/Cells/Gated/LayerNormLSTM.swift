public import EbbRecording

/// The LSTM with layer normalisation of each gate's product and of the cell state (after Ba, Kiros & Hinton 2016,
/// section 3.1, equation 4):
///
///     i  = σ(s_i ⊙ N(W_i [h, x]) + b_i)      f = σ(s_f ⊙ N(W_f [h, x]) + b_f)
///     c̃  = tanh(s_c ⊙ N(W_c [h, x]) + b_c)   o = σ(s_o ⊙ N(W_o [h, x]) + b_o)
///     c' = f ⊙ c + i ⊙ c̃                     h' = o ⊙ tanh(s ⊙ N(c') + b)
///     N(v) = (v − mean v) / √(var v + 10⁻⁵)
public struct LayerNormLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func normalized(_ name: String, _ value: Signal, bias: Initializer = .zeros) -> Signal {
      let scale = scope.parameter(name + ".scale", [units], .constant(1))
      return scale * layerNorm(value) + scope.parameter(name + ".bias", [units], bias)
    }
    func gate(_ name: String, bias: Initializer = .zeros) -> Signal {
      normalized(name, scope.affine(name, [h, x], units, bias: nil), bias: bias)
    }
    let input = sigmoid(gate("input")).named("input")
    let forget = sigmoid(gate("forget", bias: .constant(1))).named("forget")
    let candidate = tanh(gate("candidate")).named("candidate")
    let output = sigmoid(gate("output")).named("output")
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * tanh(normalized("cell", cell)))
  }
}
