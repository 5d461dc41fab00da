public import EbbRecording

/// The update-gate network, UGRNN: one gate between the old state and the candidate (Collins, Sohl-Dickstein &
/// Sussillo, ICLR 2017):
///
///     g  = σ(W_g [h, x] + b_g)
///     c  = tanh(W_c [h, x] + b_c)
///     h' = g ⊙ h + (1 − g) ⊙ c
///
/// The gate's bias is initially 1, so that the state is kept at first.
public struct UpdateGateRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let gate = sigmoid(scope.affine("gate", [h, x], units, bias: .constant(1))).named("gate")
    let candidate = tanh(scope.affine("candidate", [h, x], units)).named("candidate")
    return h.next(gate * h + (1 - gate) * candidate)
  }
}
