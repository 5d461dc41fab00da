public import EbbRecording
internal import EbbTensors

/// The LSTM whose units are each updated only while a clock of their own is open (Neil, Pfeiffer & Liu, NeurIPS 2016):
///
///     φ  = (t − s) / τ mod 1                    the phase of each unit's clock at the time t
///     k  = 2φ / r             where φ < r/2     opening
///          2 − 2φ / r         where φ < r       closing
///          α φ                else              closed, with a small leak
///     i, f, c̃ᵢₙ, o as in ``PeepholeLSTM``        ĉ = f ⊙ c + i ⊙ c̃ᵢₙ        (o reads ĉ)
///     c' = k ⊙ ĉ + (1 − k) ⊙ c                  h' = k ⊙ o ⊙ tanh(ĉ) + (1 − k) ⊙ h
///
/// Through steps at which a unit is closed its gradient is multiplied by nearly 1. The period τ is initially eᵘ with u
/// uniform on [0, 3), the shift s a uniform part of it, the open share r is 0.05; all three are trained. Times are the
/// indices of the steps 0, 1, …, or the last feature of the input.
public struct PhasedLSTM: RecurrentCell {
  /// The features of each state and the output.
  public var units: Int
  /// Whether the last feature of the input is t, and no input of the gates.
  public var readsTimes: Bool
  /// α.
  public var leak: Double

  /// A cell of `units` features.
  public init(units: Int, readsTimes: Bool = false, leak: Double = 0.001) {
    self.units = units
    self.readsTimes = readsTimes
    self.leak = leak
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard let (input, time) = inputAndTime(x, scope) else {
      return x.refused("PhasedLSTM: the times are the last feature of the input; there is no other in \(x.shape)")
    }
    let h = scope.state("h", units)
    let c = scope.state("c", units)
    func gate(_ name: String, seeing cell: Signal, bias: Initializer = .zeros) -> Signal {
      let peephole = scope.parameter(name + ".peephole", [units], .zeros)
      return sigmoid(scope.affine(name, [h, input], units, bias: bias) + peephole * cell).named(name)
    }
    let candidate = tanh(scope.affine("candidate", [h, input], units)).named("candidate")
    let full = gate("forget", seeing: c, bias: .constant(1)) * c + gate("input", seeing: c) * candidate
    let output = gate("output", seeing: full)
    let open = openness(time, scope).named("open")
    c.next(open * full + (1 - open) * c)
    return h.next(open * (output * tanh(full)) + (1 - open) * h)
  }

  /// k
  private func openness(_ time: Signal, _ scope: Scope) -> Signal {
    let period = exp(scope.parameter("period", [units], .between(0, 3)))
    let ratio = scope.parameter("ratio", [units], .constant(0.05))
    let cycles = time / period - scope.parameter("shift", [units], .between(0, 1))
    let phase = cycles - floor(cycles)
    let slope = 2 * phase / ratio
    return select(phase .< 0.5 * ratio, slope, select(phase .< ratio, 2 - slope, leak * phase))
  }

  private func inputAndTime(_ x: Signal, _ scope: Scope) -> (Signal, Signal)? {
    if !readsTimes { return (x, stepIndex(scope)) }
    guard x.shape.rank == 1, x.shape[0] >= 2 else { return nil }
    let last = x.shape[0] - 1
    return (x[0..<last], reshape(x[last..<last + 1], []))
  }
}

/// The index of the step, 0, 1, …, along the axis of the recurrences.
func stepIndex(_ scope: Scope) -> Signal {
  // Without an axis a state reports the problem.
  guard let axis = scope.axis else { return scope.constant(0) }
  return convert(scope.index(of: axis), to: scope.element)
}
