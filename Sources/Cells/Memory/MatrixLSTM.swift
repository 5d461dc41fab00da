public import EbbRecording

/// The mLSTM: an LSTM whose cell is a matrix that stores values under keys, with exponential gates, a normaliser n and a
/// stabiliser m (Beck et al. 2024, xLSTM, section 2.3). For each head, with d features:
///
///     q  = W_q x + b_q        k = (W_k x + b_k) / √d        v = W_v x + b_v
///     ĩ  = w_i · x + b_i      f̃ = w_f · x + b_f             o = σ(W_o x + b_o)
///     m' = max(log f + m, ĩ)                    with f = σ(f̃) or exp(f̃)
///     i* = exp(ĩ − m')        f* = exp(log f + m − m')
///     C' = f* C + i* v kᵀ     n' = f* n + i* k
///     h  = o ⊙ C' q / max(|n' · q|, exp(−m'))
///
/// C and n stand for C eᵐ and n eᵐ, whose quotient is C q / max(|n · q|, 1), as first written. So m changes neither the
/// output nor any other gradient; it only keeps the exponentials at most 1.
///
/// No gate reads the output, so every product with a weight runs over the whole sequence at once. The forget gate's bias
/// is initially 3: σ(3) = 0.95.
public struct MatrixLSTM: RecurrentCell {
  /// The features of the output, those of all heads.
  public var units: Int
  /// The memories, each of units / heads rows and columns; a divisor of the units.
  public var heads: Int
  /// How the forget gate is computed.
  public var forgetGate: ScalarLSTM.ForgetGate

  /// A cell of `units` features.
  public init(units: Int, heads: Int = 1, forgetGate: ScalarLSTM.ForgetGate = .sigmoid) {
    self.units = units
    self.heads = heads
    self.forgetGate = forgetGate
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let heads = Heads(self.heads, of: units, scope)
    let memory = scope.state("C", shape: [heads.size, heads.size])
    let normalizer = scope.state("n", heads.size)
    let m = scope.state("m", shape: [])
    let query = heads.vectors(scope.affine("query", [x], units))
    let key = heads.vectors(scope.affine("key", [x], units)) / Double(heads.size).squareRoot()
    let value = heads.vectors(scope.affine("value", [x], units))
    let output = sigmoid(scope.affine("output", [x], units)).named("output")
    let logInput = heads.scalars(scope.affine("input", [x], heads.count))
    let forget = heads.scalars(scope.affine("forget", [x], heads.count, bias: .constant(3)))
    let logForget =
      switch forgetGate {
      case .sigmoid: -softplus(-forget)
      case .exponential: forget
      }
    let scale = m.next(stopGradient(maximum(logForget + m, logInput)))
    let keep = exp(logForget + m - scale).named("keep")
    let add = exp(logInput - scale).named("add")
    let stored = memory.next(keep * memory + outer(add * value, key))
    let weight = matmul(normalizer.next(keep * normalizer + add * key), query)
    let read = matmul(stored, query) / maximum(abs(weight), exp(-scale))
    return output * heads.joined(read)
  }
}
