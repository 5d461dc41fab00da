public import EbbRecording

/// The HyperLSTM: a smaller LSTM scales the rows of a larger one's weights anew at each step (Ha, Dai & Le 2016, without
/// layer normalisation):
///
///     ĥ', ĉ' = LSTM(ĥ, ĉ; [h, x])                        `hyperUnits` features
///     for y of i, f, c̃, o:
///       z_h = W ĥ' + 1,  z_x = W ĥ' + 1,  z_b = W ĥ'      `embedding` features, another W each
///       y   = (D_h z_h) ⊙ (W_h h) + (D_x z_x) ⊙ (W_x x) + D_b z_b + b
///     c' = σ(f) ⊙ c + σ(i) ⊙ tanh(c̃)                     h' = σ(o) ⊙ tanh(c')
///
/// At first the z's weights are 0 and D is 1 / embedding, so that all scales are 1 and the cell is a plain LSTM; the paper
/// starts from scales of 0.1, which its normalisation undoes. The forget gates' biases are initially 1.
public struct HyperLSTM: RecurrentCell {
  /// The features of h, c and the output.
  public var units: Int
  /// The features of ĥ and ĉ.
  public var hyperUnits: Int
  /// The features of each z.
  public var embedding: Int

  /// A cell of `units` features; by default the smaller LSTM has a quarter of them, and each z a sixteenth.
  public init(units: Int, hyperUnits: Int? = nil, embedding: Int? = nil) {
    self.units = units
    self.hyperUnits = hyperUnits ?? (units + 3) / 4
    self.embedding = embedding ?? (units + 15) / 16
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let hyper = scope.run(LSTM(units: hyperUnits), concatenate([h, x]), named: "hyper")
    func scales(_ name: String) -> Signal {
      let z = scope.affine(name + ".embedding", [hyper], embedding, weights: [.zeros], bias: .constant(1))
      return scope.affine(name, [z], units, weights: [.constant(1 / Double(embedding))], bias: nil)
    }
    func gate(_ name: String, bias: Initializer = .zeros) -> Signal {
      let small = [Initializer.normal(deviation: 0.01)]
      let z = scope.affine(name + ".shift.embedding", [hyper], embedding, weights: small, bias: nil)
      let shift = scope.affine(name + ".shift", [z], units, weights: [.zeros], bias: bias)
      return scales(name + ".stateScale") * scope.affine(name + ".state", [h], units, bias: nil)
        + scales(name + ".inputScale") * scope.affine(name + ".input", [x], units, bias: nil) + shift
    }
    let input = sigmoid(gate("input")).named("input")
    let forget = sigmoid(gate("forget", bias: .constant(1))).named("forget")
    let candidate = tanh(gate("candidate")).named("candidate")
    let output = sigmoid(gate("output")).named("output")
    return h.next(output * tanh(c.next(forget * c + input * candidate)))
  }
}
