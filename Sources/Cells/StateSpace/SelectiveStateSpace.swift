public import EbbRecording
internal import EbbTensors
internal import Foundation

/// The selective state space S6 of Mamba, whose step, writing and reading depend on the input (Gu & Dao 2023, algorithm 2):
///
///     u  = V x + b
///     Δ  = softplus(W_Δ (L u) + d)      p = W_B u      q = W_C u
///     S' = exp(Δ ⊗ 1 ⊙ A) ⊙ S + (Δ ⊙ u) pᵀ              A = −exp(α) ⊙ (1, 2, …, order)
///     y  = S' q + D ⊙ u
///
/// S is a matrix [units, order]: each channel of u has a row of decaying modes. Δ near 0 keeps the state and ignores the
/// input, a large Δ forgets and writes. The input's step is Euler's, as in the authors' program. Δ is initially log(1 + δ)
/// with δ between 0.001 and 0.1, uniform in its logarithm, where u is 0. Mamba's block has a short convolution before
/// this and a gate after it.
public struct SelectiveStateSpace: RecurrentCell {
  /// The channels: the features of u and y.
  public var units: Int
  /// The modes of each channel.
  public var order: Int
  /// The features of L u, from which Δ is made.
  public var rank: Int

  /// A layer of `units` channels; the rank is a sixteenth of them by default, at least 1.
  public init(units: Int, order: Int = 16, rank: Int? = nil) {
    self.units = units
    self.order = order
    self.rank = rank ?? (units + 15) / 16
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let state = scope.state("state", shape: [units, order])
    let u = scope.affine("input", [x], units)
    let narrow = scope.affine("step.low", [u], rank, bias: nil)
    let step = softplus(scope.affine("step", [narrow], units, bias: .between(log(0.001), log(0.1)))).named("step")
    let write = scope.affine("write", [u], order, bias: nil)
    let read = scope.affine("read", [u], order, bias: nil)
    let rate = convert(scope.iota(order), to: scope.element) + 1
    let decay = -exp(scope.parameter("decay", [units, order], .zeros)) * repeated(rate, units)
    let keep = exp(repeated(step, order, dimension: 1) * decay)
    let next = state.next(keep * state + outer(step * u, write))
    return matmul(next, read) + scope.parameter("skip", [units], .constant(1)) * u
  }
}
