public import EbbRecording

/// Long short-term memory (Hochreiter & Schmidhuber 1997), with the forget gate of Gers, Schmidhuber & Cummins (2000):
///
///     i  = σ(W_i [h, x] + b_i)          f = σ(W_f [h, x] + b_f)
///     c̃  = tanh(W_c [h, x] + b_c)       o = σ(W_o [h, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = o ⊙ tanh(c')
///
/// The forget gate's bias begins at 1 (Jozefowicz, Zaremba & Sutskever 2015).
public struct LSTM: RecurrentCell {
  public var units: Int
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let input = sigmoid(scope.affine("input", [h, x], units))
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: .constant(1)))
    let candidate = tanh(scope.affine("candidate", [h, x], units))
    let output = sigmoid(scope.affine("output", [h, x], units))
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * tanh(cell))
  }
}
