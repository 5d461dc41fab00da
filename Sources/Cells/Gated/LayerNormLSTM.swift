public import EbbRecording

/// The LSTM with layer normalisation of each gate's product and of the cell state (after Ba, Kiros & Hinton 2016,
/// section 3.1, equation 4):
///
///     i  = σ(s_i ⊙ N(W_i [h, x]) + b_i)      f = σ(s_f ⊙ N(W_f [h, x]) + b_f)
///     c̃  = tanh(s_c ⊙ N(W_c [h, x]) + b_c)   o = σ(s_o ⊙ N(W_o [h, x]) + b_o)
///     c' = f ⊙ c + i ⊙ c̃                     h' = o ⊙ tanh(s ⊙ N(c') + b)
///     N(v) = (v − mean v) / √(var v + ε)
///
/// With `carriesNormalizedCell` the next step reads the normalised cell state, as in TensorFlow's
/// `LayerNormBasicLSTMCell` and PyTorch's example of a custom LSTM; without it, as in the paper, only the output does:
///
///     c' = s ⊙ N(f ⊙ c + i ⊙ c̃) + b          h' = o ⊙ tanh(c')
public struct LayerNormLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// ε, at least 0.
  public var epsilon: Double
  /// Whether the cell state that is carried to the next step is the normalised one.
  public var carriesNormalizedCell: Bool
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of the normalised c' in the output.
  public var outputActivation: Activation

  /// A cell of `units` features.
  public init(
    units: Int, epsilon: Double = 1e-5, carriesNormalizedCell: Bool = false, gateActivation: Activation = .sigmoid,
    activation: Activation = .tanh, outputActivation: Activation = .tanh
  ) {
    self.units = units
    self.epsilon = epsilon
    self.carriesNormalizedCell = carriesNormalizedCell
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func normalized(_ name: String, _ value: Signal, bias: Initializer = .zeros) -> Signal {
      let scale = scope.parameter(name + ".scale", [units], .constant(1))
      return scale * layerNorm(value, epsilon: epsilon) + scope.parameter(name + ".bias", [units], bias)
    }
    func gate(_ name: String, bias: Initializer = .zeros) -> Signal {
      normalized(name, scope.affine(name, [h, x], units, bias: nil), bias: bias)
    }
    let input = gateActivation(gate("input")).named("input")
    let forget = gateActivation(gate("forget", bias: .constant(1))).named("forget")
    let candidate = activation(gate("candidate")).named("candidate")
    let output = gateActivation(gate("output")).named("output")
    let sum = forget * c + input * candidate
    let seen = carriesNormalizedCell ? c.next(normalized("cell", sum)) : normalized("cell", c.next(sum))
    return h.next(output * outputActivation(seen))
  }
}
