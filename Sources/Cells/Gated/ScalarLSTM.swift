public import EbbRecording

/// The sLSTM: an LSTM with an exponential input gate, a normaliser n and a stabiliser m (Beck et al. 2024, xLSTM,
/// section 2.2; here with one head, so that every unit reads all others):
///
///     ĩ  = W_i [h, x] + b_i             f̃ = W_f [h, x] + b_f
///     z  = tanh(W_z [h, x] + b_z)       o = σ(W_o [h, x] + b_o)
///     m' = max(log f + m, ĩ)            with f = σ(f̃) or exp(f̃)
///     i* = exp(ĩ − m')                  f* = exp(log f + m − m')
///     c' = f* ⊙ c + i* ⊙ z              n' = f* ⊙ n + i*
///     h' = o ⊙ c' / n'
///
/// c and n represent c eᵐ and n eᵐ, and h is their quotient. So m changes neither the output nor any other gradient,
/// and its own gradient dL/dmₜ is 0 up to rounding; it only keeps the exponentials at most 1. n is at least 0: a
/// supplied initial state must be reachable by the cell.
///
/// The forget gate's bias is initially 1, as in the LSTM.
public struct ScalarLSTM: RecurrentCell {
  /// The forget gate as a function of f̃.
  public enum ForgetGate: Hashable, Sendable {
    /// f = σ(f̃), or f = exp(f̃).
    case sigmoid, exponential
  }

  /// The features of each state and the output.
  public var units: Int
  /// How the forget gate is computed.
  public var forgetGate: ForgetGate

  /// A cell of `units` features.
  public init(units: Int, forgetGate: ForgetGate = .sigmoid) {
    self.units = units
    self.forgetGate = forgetGate
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let c = scope.state("c", units)
    let n = scope.state("n", units)
    let m = scope.state("m", units)
    let h = scope.state("h", units)
    let value = tanh(scope.affine("value", [h, x], units)).named("value")
    let output = sigmoid(scope.affine("output", [h, x], units)).named("output")
    let logInput = scope.affine("input", [h, x], units)
    let forget = scope.affine("forget", [h, x], units, bias: .constant(1))
    let logForget =
      switch forgetGate {
      case .sigmoid: -softplus(-forget)
      case .exponential: forget
      }
    // Where nothing is stored yet (n = 0), the past does not affect the scale: i* is 1, and 0 / 0 cannot arise. There
    // f* multiplies zeros and only has to be finite. Elsewhere its exponent is at most 0.
    let kept = logForget + m
    let scale = m.next(stopGradient(select(n .== 0, logInput, maximum(kept, logInput))))
    let keep = exp(minimum(kept - scale, 80)).named("keep")
    let add = exp(logInput - scale).named("add")
    let cell = c.next(keep * c + add * value)
    let normalizer = n.next(keep * n + add)
    return h.next(output * cell / normalizer)
  }
}
