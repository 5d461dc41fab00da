public import EbbRecording

/// The gated delta rule: a memory that forgets by one number and overwrites what it holds under a key (Yang, Kautz &
/// Hatamizadeh 2024, Gated Delta Networks, section 3.1). For each head:
///
///     q  = silu(W_q x), k = silu(W_k x), both of length 1        v = silu(W_v x)
///     α  = exp(−a softplus(w_α · x + b_α))                       β = σ(w_β · x + b_β)
///     S' = S (α (I − β k kᵀ)) + β v kᵀ  =  α S + β (v − α S k) kᵀ
///     y  = S' q
///
/// With β = 1 the memory then holds v under k and nothing else: S' k = v. What it holds under orthogonal keys only fades
/// by α. The short convolution before and the norm, the gate and the projection after, which the paper's block has, are
/// layers of their own. a > 0 is trained as its logarithm.
public struct GatedDeltaNet: RecurrentCell {
  /// The features of the output, those of all heads.
  public var units: Int
  /// The memories, each of units / heads rows and columns; a divisor of the units.
  public var heads: Int

  /// A cell of `units` features.
  public init(units: Int, heads: Int = 1) {
    self.units = units
    self.heads = heads
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let heads = Heads(self.heads, of: units, scope)
    let memory = scope.state("S", shape: [heads.size, heads.size])
    func projected(_ name: String) -> Signal {
      let product = scope.affine(name, [x], units, bias: nil)
      return heads.vectors(product * sigmoid(product))
    }
    let (query, key, value) = (ofLengthOne(projected("query")), ofLengthOne(projected("key")), projected("value"))
    let rate = heads.scalars(exp(scope.parameter("rate", [heads.count], .logOfUniform(from: 1, to: 16))))
    let step = softplus(heads.scalars(scope.affine("decay", [x], heads.count, bias: .constant(-4))))
    let keep = exp(-rate * step).named("keep")
    let write = sigmoid(heads.scalars(scope.affine("write", [x], heads.count))).named("write")
    let kept = keep * memory
    let stored = memory.next(kept + outer(write * (value - matmul(kept, key)), key))
    return heads.joined(matmul(stored, query))
  }

  /// x / |x|, and 0 where x is.
  private func ofLengthOne(_ x: Signal) -> Signal { x / sqrt(sumOverFeatures(square(x)) + 1e-6) }
}
