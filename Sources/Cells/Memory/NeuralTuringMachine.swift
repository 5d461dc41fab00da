public import EbbRecording

/// The neural Turing machine: a network that writes to and reads from the rows of a memory, with one head for each (Graves,
/// Wayne & Danihelka 2014, equations 2 to 9). The controller is a cell that reads the input and what was read last:
///
///     h  = controller([x, r])
///     M' = M ⊙ (1 − w_w eᵀ) + w_w aᵀ            e = σ(W_e h + b_e), a = tanh(W_a h + b_a)
///     r' = M'ᵀ w_r
///     y  = W [h, r'] + b
///
/// The write head's weights come from M, those of the read head from M', each from its own numbers of h: a key k, its
/// strength β, a gate g, a shift s by one row at most and a sharpness γ:
///
///     c  = softmax(β cos(k, M))                 by content: the cosine of k and each row
///     u  = g c + (1 − g) w                      or where it was before
///     ũᵢ = s₋₁ uᵢ₊₁ + s₀ uᵢ + s₁ uᵢ₋₁             moved, around the ends
///     w' = ũ^γ / Σ ũ^γ                          sharpened
///
/// The first rows of the memory are trained. The first weights are 0, so that the first address is by content alone,
/// whatever g is.
public struct NeuralTuringMachine: RecurrentCell {
  /// The features of the output.
  public var units: Int
  /// The rows of the memory.
  public var slots: Int
  /// The features of a row.
  public var width: Int
  /// The controller, run in the scope `controller`.
  public var controller: any RecurrentCell

  /// A machine with as many rows as in the paper; by default its controller is an LSTM of `units`.
  public init(units: Int, slots: Int = 128, width: Int = 20, controller: (any RecurrentCell)? = nil) {
    self.units = units
    self.slots = slots
    self.width = width
    self.controller = controller ?? LSTM(units: units)
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let start = scope.parameter("memory.initial", [slots, width], .normal(deviation: 0.5))
    let memory = scope.state("memory", shape: [slots, width], initial: start)
    let last = scope.state("read", width)
    let h = scope.run(controller, concatenate([x, last]), named: "controller")
    let write = scope.within("writing") { weights(h, memory, $0) }
    let erase = sigmoid(scope.affine("erase", [h], width)).named("erase")
    let add = tanh(scope.affine("add", [h], width)).named("add")
    let written = memory.next(memory - memory * outer(write, erase) + outer(write, add))
    let read = scope.within("reading") { weights(h, written, $0) }
    return scope.affine("output", [h, last.next(matmul(read, written))], units)
  }

  /// The weights of a head over the rows of the memory: [slots].
  private func weights(_ h: Signal, _ memory: Signal, _ scope: Scope) -> Signal {
    let last = scope.state("weights", slots)
    func number(_ name: String) -> Signal { sumOverFeatures(scope.affine(name, [h], 1)) }
    let key = tanh(scope.affine("key", [h], width))
    let lengths = sqrt((sumOverFeatures(square(memory), dimension: 1) + 1e-6) * (sumOverFeatures(square(key)) + 1e-6))
    let content = softmax(softplus(number("strength")) * (matmul(memory, key) / lengths))
    let gate = sigmoid(number("gate")).named("gate")
    let near = gate * content + (1 - gate) * last
    let shift = softmax(scope.affine("shift", [h], 3))
    let (before, after) = (concatenate([near[slots - 1..<slots], near[0..<slots - 1]]), near[1..<slots])
    let moved =
      sumOverFeatures(shift[0..<1]) * concatenate([after, near[0..<1]]) + sumOverFeatures(shift[1..<2]) * near
      + sumOverFeatures(shift[2..<3]) * before
    // ũ^γ / Σ ũ^γ = softmax(γ log ũ), where an address that is never looked at has a logarithm too.
    let sharpness = 1 + softplus(number("sharpness"))
    return last.next(softmax(sharpness * log(maximum(moved, 0) + 1e-16)))
  }
}
