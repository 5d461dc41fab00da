public import EbbRecording

/// Gated linear attention: a memory to which outer products are added, and whose rows fade at rates of their own (Yang et
/// al. 2024). For each head, with d features:
///
///     q  = W_q x / √d        k = W_k x        v = W_v x
///     α  = σ(W_α x + b_α)^(1/τ)
///     S' = diag(α) S + k vᵀ
///     y  = S'ᵀ q
///
/// Without gates, α = 1, this is linear attention: a network whose fast weights another one programs with outer products
/// (Schmidhuber 1992), y = Σ_s (k_s · q) v_s. The paper's W_α has a low rank, and its block a norm, an output's gate and
/// a projection around it.
public struct GatedLinearAttention: RecurrentCell {
  /// The features of the output, those of all heads.
  public var units: Int
  /// The memories, each of units / heads rows and columns; a divisor of the units.
  public var heads: Int
  /// Whether rows fade; otherwise α = 1.
  public var isGated: Bool
  /// τ, which makes the gates slow: with τ = 16, α is at first 0.96.
  public var temperature: Double

  /// A cell of `units` features.
  public init(units: Int, heads: Int = 1, isGated: Bool = true, temperature: Double = 16) {
    self.units = units
    self.heads = heads
    self.isGated = isGated
    self.temperature = temperature
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let heads = Heads(self.heads, of: units, scope)
    let memory = scope.state("S", shape: [heads.size, heads.size])
    func projected(_ name: String) -> Signal { heads.vectors(scope.affine(name, [x], units, bias: nil)) }
    let query = projected("query") / Double(heads.size).squareRoot()
    let added = outer(projected("key"), projected("value"))
    guard isGated else { return heads.joined(matmul(query, memory.next(memory + added))) }
    // log σ(z) = −softplus(−z)
    let gate = softplus(-heads.vectors(scope.affine("decay", [x], units)))
    let keep = exp(gate / -temperature).named("keep")
    let kept = repeated(keep, heads.size, dimension: 1) * memory
    return heads.joined(matmul(query, memory.next(kept + added)))
  }
}
