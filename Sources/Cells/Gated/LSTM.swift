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
public struct LSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// The longest dependency that the cell should learn, in steps, greater than 2; nil for biases of 1 and 0.
  public var longestDependency: Double?

  /// A cell of `units` features.
  public init(units: Int, longestDependency: Double? = nil) {
    self.units = units
    self.longestDependency = longestDependency
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let chrono = longestDependency.map { Initializer.drawn(as: scope.path + ".chrono", .chrono(longest: $0)) }
    let closed = chrono.map { Initializer.negative($0) } ?? .zeros
    let input = sigmoid(scope.affine("input", [h, x], units, bias: closed)).named("input")
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: chrono ?? .constant(1))).named("forget")
    let candidate = tanh(scope.affine("candidate", [h, x], units)).named("candidate")
    let output = sigmoid(scope.affine("output", [h, x], units)).named("output")
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * tanh(cell))
  }
}
