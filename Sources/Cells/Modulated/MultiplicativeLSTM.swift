public import EbbRecording

/// The multiplicative LSTM, whose recurrent transition is another one for each input (Krause, Lu, Murray & Renals 2016):
///
///     m  = (W_mx x) ⊙ (W_mh h)
///     i  = σ(W_i [m, x] + b_i)          f  = σ(W_f [m, x] + b_f)
///     c̃  = tanh(W_c [m, x] + b_c)       o  = σ(W_o [m, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = o ⊙ tanh(c')
///
/// The forget gate's bias is initially 1, as in the LSTM.
public struct MultiplicativeLSTM: RecurrentCell {
  /// The features of each state, of m and of the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let mixed = scope.affine("mixInput", [x], units, bias: nil) * scope.affine("mixState", [h], units, bias: nil)
    func affine(_ name: String, bias: Initializer = .zeros) -> Signal {
      scope.affine(name, [mixed, x], units, bias: bias)
    }
    let input = sigmoid(affine("input")).named("input")
    let forget = sigmoid(affine("forget", bias: .constant(1))).named("forget")
    let candidate = tanh(affine("candidate")).named("candidate")
    let output = sigmoid(affine("output")).named("output")
    return h.next(output * tanh(c.next(forget * c + input * candidate)))
  }
}
