public import EbbRecording

/// The LSTM whose gates also read the cell state, feature by feature (Gers, Schraudolph & Schmidhuber 2002):
///
///     i  = σ(W_i [h, x] + p_i ⊙ c + b_i)     f = σ(W_f [h, x] + p_f ⊙ c + b_f)
///     c̃  = tanh(W_c [h, x] + b_c)            c' = f ⊙ c + i ⊙ c̃
///     o  = σ(W_o [h, x] + p_o ⊙ c' + b_o)    h' = o ⊙ tanh(c')
public struct PeepholeLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func gate(_ name: String, seeing cell: Signal, bias: Initializer = .zeros) -> Signal {
      let peephole = scope.parameter(name + ".peephole", [units], .zeros)
      return sigmoid(scope.affine(name, [h, x], units, bias: bias) + peephole * cell).named(name)
    }
    let input = gate("input", seeing: c)
    let forget = gate("forget", seeing: c, bias: .constant(1))
    let candidate = tanh(scope.affine("candidate", [h, x], units)).named("candidate")
    let cell = c.next(forget * c + input * candidate)
    let output = gate("output", seeing: cell)
    return h.next(output * tanh(cell))
  }
}
