public import EbbRecording

/// A recurrent network with fast weights: a second matrix A that keeps fading outer products of the past outputs, and
/// through which each step attends to them (Ba et al. 2016, equations 1 and 2, with layer normalisation):
///
///     A'      = λ A + η h hᵀ
///     z       = W [h, x]
///     h₀      = f(z)
///     h_{s+1} = f(s ⊙ LN(z + A' h_s) + b)        for `loops` rounds; the last is h'
///
/// A' h_s = η Σ_τ λ^(t−τ) h_τ (h_τ · h_s): attention to earlier outputs by their likeness to the present one, without a
/// trained parameter.
public struct FastWeights: RecurrentCell {
  /// The features of h and the output.
  public var units: Int
  /// How often a step reads the fast weights.
  public var loops: Int
  /// λ, how much of A is kept at each step.
  public var decay: Double
  /// η, how much of h hᵀ is added.
  public var rate: Double
  /// f.
  public var activation: Activation

  /// A cell of `units` features.
  public init(units: Int, loops: Int = 1, decay: Double = 0.95, rate: Double = 0.5, activation: Activation = .tanh) {
    self.units = units
    self.loops = loops
    self.decay = decay
    self.rate = rate
    self.activation = activation
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let fast = scope.state("A", shape: [units, units])
    let scale = scope.parameter("scale", [units], .constant(1))
    let bias = scope.parameter("bias", [units], .zeros)
    let memory = fast.next(decay * fast + outer(rate * h, h))
    let slow = scope.affine("slow", [h, x], units, bias: nil)
    var hidden = activation(slow)
    for _ in 0..<loops { hidden = activation(scale * layerNorm(slow + matmul(memory, hidden)) + bias) }
    return h.next(hidden)
  }
}
