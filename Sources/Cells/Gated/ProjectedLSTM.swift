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

  /// A cell of `units` features in c and `outputs` in h.
  public init(units: Int, outputs: Int) {
    self.units = units
    self.outputs = outputs
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", outputs)
    let c = scope.state("c", units)
    let input = sigmoid(scope.affine("input", [h, x], units))
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: .constant(1)))
    let candidate = tanh(scope.affine("candidate", [h, x], units))
    let output = sigmoid(scope.affine("output", [h, x], units))
    let cell = c.next(forget * c + input * candidate)
    return h.next(scope.affine("projection", [output * tanh(cell)], outputs, bias: nil))
  }
}
