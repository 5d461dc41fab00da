public import EbbRecording

/// The exponential RNN: its recurrent matrix is the exponential of an antisymmetric one, and so orthogonal for all values
/// of its parameters (Lezcano-Casado & Martínez-Rubio, ICML 2019):
///
///     h' = modrelu(exp(W − Wᵀ) h + V x)          modrelu(z) = sign(z) max(|z| + b, 0)
///
/// Where b is 0, as it is at first, modrelu is the identity and the gradient keeps its norm exactly. W is initially normal,
/// so that the largest angle of the rotation is about 2√2 radians. The exponential is accurate up to a norm of 16 of
/// W − Wᵀ.
public struct ExponentialRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let deviation = 1 / Double(units).squareRoot()
    let weight = scope.parameter("recurrent.weight", [units, units], .normal(deviation: deviation))
    // A vector times a matrix is hᵀ M, so M = exp(W − Wᵀ)ᵀ = exp(Wᵀ − W).
    let rotation = exponential(of: transpose(weight) - weight, 5, scope)
    let z = matmul(h, rotation) + scope.affine("input", [x], units, bias: nil)
    return h.next(sign(z) * relu(abs(z) + scope.parameter("bias", [units], .zeros)))
  }
}
