internal import EbbGraph
public import EbbRecording

/// The long short-term memory-network: an LSTM that keeps every h and c on a tape, and at each step reads both tapes with
/// attention in place of the step before (Cheng, Dong & Lapata 2016, section 3.2, equations 4–9):
///
///     aᵢ  = v · tanh(W_k hᵢ + W_q [h̃, x])        s = softmax(a)        for all steps i before this one
///     h̃' = Σᵢ sᵢ hᵢ          c̃ = Σᵢ sᵢ cᵢ
///     i   = σ(W_i [h̃', x] + b_i)      f = σ(W_f [h̃', x] + b_f)      o = σ(W_o [h̃', x] + b_o)
///     g   = tanh(W_g [h̃', x] + b_g)
///     c'  = f ⊙ c̃ + i ⊙ g            h' = o ⊙ tanh(c')
///
/// W_q holds the paper's W_x and W_h̃. The tapes begin with the initial h and c, as in the authors' program; so the first
/// step reads these alone. The work of a step grows with the steps before it, its memory is in O(T).
///
/// The forget gate's bias is initially 1, as in the LSTM.
public struct LSTMN: RecurrentCell {
  /// The features of each state and the output, and of what attention compares.
  public var units: Int

  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let past = scope.past()
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    let read = scope.state("read", units)
    // W_k hᵢ is computed once, when hᵢ is new.
    let keys = scope.affine("key", [h], units, bias: nil).history(along: past)
    let query = scope.affine("query", [read, x], units, bias: nil)
    let v = scope.parameter("score", [units], .uniform(limit: 1 / Double(units).squareRoot()))
    let weights = softmax(sumOverFeatures(v * tanh(keys + query)), over: [past]).named("attention")
    func ofTape(_ state: Signal) -> Signal { sum(weights * state.history(along: past), over: [past]) }
    let hidden = read.next(ofTape(h))
    func gate(_ name: String, _ bias: Initializer = .zeros) -> Signal {
      scope.affine(name, [hidden, x], units, bias: bias)
    }
    let (input, forget) = (sigmoid(gate("input")).named("input"), sigmoid(gate("forget", .constant(1))).named("forget"))
    let candidate = tanh(gate("candidate")).named("candidate")
    let output = sigmoid(gate("output")).named("output")
    return h.next(output * tanh(c.next(forget * ofTape(c) + input * candidate)))
  }
}
