public import EbbRecording

/// The M²RNN: a state that is a matrix, with a nonlinear step (Mishra et al. 2026). For each head:
///
///     q  = W_q x        k = W_k x        v = W_v x        f = σ(w_f · x + b_f)
///     Z  = tanh(H W + k vᵀ)
///     H' = f H + (1 − f) Z
///     y  = H'ᵀ q + w ⊙ v
///
/// All entries of H stay within ±1. The paper's forget gate has another form, and its block a short convolution, a norm
/// and a gate around these equations.
public struct M2RNN: RecurrentCell {
  /// The features of the output, those of all heads.
  public var units: Int
  /// The states, each of units / heads rows and columns; a divisor of the units.
  public var heads: Int

  /// A cell of `units` features.
  public init(units: Int, heads: Int = 1) {
    self.units = units
    self.heads = heads
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let heads = Heads(self.heads, of: units, scope)
    let size = heads.size
    let state = scope.state("H", shape: [size, size])
    func projected(_ name: String) -> Signal { heads.vectors(scope.affine(name, [x], units, bias: nil)) }
    let (query, key, value) = (projected("query"), projected("key"), projected("value"))
    let keep = sigmoid(heads.scalars(scope.affine("forget", [x], heads.count, bias: .constant(1)))).named("keep")
    let recurrent = heads.matrices("recurrent", scope)
    let candidate = tanh(matmul(state, recurrent) + outer(key, value))
    let next = state.next(keep * state + (1 - keep) * candidate)
    let direct = heads.vectors(scope.parameter("direct", [units], .constant(1)))
    return heads.joined(matmul(query, next) + direct * value)
  }
}
