public import EbbRecording

/// A step of Euler's method for an ordinary differential equation whose matrix is antisymmetric up to a little
/// diffusion (Chang et al., ICLR 2019, section 3, also for the gated form):
///
///     v  = (W − Wᵀ − γ I) h
///     h' = h + ε tanh(v + V x + b)
///     h' = h + ε σ(v + V_g x + b_g) ⊙ tanh(v + V x + b)     gated
///
/// The eigenvalues of W − Wᵀ are imaginary, so the equation neither forgets nor explodes. The step's Jacobian is J = I
/// + ε D (W − Wᵀ − γ I) with a diagonal D; for D = I and γ = 0, J Jᵀ = I + O(ε²).
public struct AntisymmetricRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// Whether the step is multiplied by a gate, the third equation.
  public var isGated: Bool
  /// ε, the length of a step.
  public var step: Double
  /// γ, which shifts the eigenvalues towards stability.
  public var diffusion: Double

  /// A cell of `units` features.
  public init(units: Int, isGated: Bool = false, step: Double = 0.01, diffusion: Double = 0.01) {
    self.units = units
    self.isGated = isGated
    self.step = step
    self.diffusion = diffusion
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let deviation = 1 / Double(units).squareRoot()
    let weight = scope.parameter("recurrent.weight", [units, units], .normal(deviation: deviation))
    // A vector times a matrix is hᵀ M, so M = (W − Wᵀ)ᵀ.
    let flow = matmul(h, transpose(weight) - weight) - diffusion * h
    var change = tanh(flow + scope.affine("input", [x], units)).named("change")
    if isGated { change *= sigmoid(flow + scope.affine("gate", [x], units)).named("gate") }
    return h.next(h + step * change)
  }
}
