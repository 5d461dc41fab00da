public import EbbRecording

/// The LSTM with coupled gates, also called CIFG: the input gate is 1 minus the forget gate (Greff et al. 2017, variant
/// CIFG; here without peepholes):
///
///     f  = σ(W_f [h, x] + b_f)          o  = σ(W_o [h, x] + b_o)
///     c̃  = tanh(W_c [h, x] + b_c)       c' = f ⊙ c + (1 − f) ⊙ c̃
///     h' = o ⊙ tanh(c')
///
/// A cell state that starts within ±1 stays there. The forget gate's bias is initially 1, as in the LSTM.
public struct CoupledGateLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: .constant(1))).named("forget")
    let candidate = tanh(scope.affine("candidate", [h, x], units)).named("candidate")
    let output = sigmoid(scope.affine("output", [h, x], units)).named("output")
    let cell = c.next(forget * c + (1 - forget) * candidate)
    return h.next(output * tanh(cell))
  }
}
