public import EbbRecording

/// The LRU, a linear recurrence with complex eigenvalues inside the unit circle (Orvieto et al., ICML 2023, sections
/// 3.3 for λ and 3.4 for γ), written with real numbers: s = a + i b are `units` complex features, and λ = |λ| (cos θ +
/// i sin θ) one for each.
///
///     |λ| = exp(−exp(ν))                θ = exp(θ*)                γ = √(1 − |λ|²)
///     a' = |λ| (cos θ ⊙ a − sin θ ⊙ b) + γ ⊙ B_a x
///     b' = |λ| (sin θ ⊙ a + cos θ ⊙ b) + γ ⊙ B_b x
///     y  = C [a', b', x]
///
/// which is s' = λ ⊙ s + γ ⊙ B x and y = Re(C s') + D x, with the blocks Re C, −Im C and D of C. |λ| < 1 for every ν. λ
/// is initially uniform by area on a ring, with phases in (0, `maximumPhase`] radians. The paper trains γ, starting
/// from this value; here it remains the function of λ for which the state has the variance of B x for white input.
public struct LinearRecurrentUnit: RecurrentCell {
  /// The complex features of s.
  public var units: Int
  /// The features of y.
  public var outputs: Int
  /// The smallest and the largest initial |λ|: 0 ≤ inner ≤ outer < 1.
  public var innerRadius: Double
  /// The largest |λ| at first, below 1.
  public var outerRadius: Double
  /// The largest θ at first, in radians.
  public var maximumPhase: Double

  /// A recurrence of `units` complex features; `outputs` is `units` by default.
  public init(
    units: Int, outputs: Int? = nil, innerRadius: Double = 0.9, outerRadius: Double = 0.999,
    maximumPhase: Double = 2 * Double.pi
  ) {
    self.units = units
    self.outputs = outputs ?? units
    self.innerRadius = innerRadius
    self.outerRadius = outerRadius
    self.maximumPhase = maximumPhase
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let real = scope.state("real", units)
    let imaginary = scope.state("imaginary", units)
    let decay = exp(scope.parameter("decay", [units], .ringDecay(inner: innerRadius, outer: outerRadius)))
    let phase = exp(scope.parameter("phase", [units], .logOfUniform(from: 0, to: maximumPhase)))
    // 1 − |λ|² = 1 − exp(−2 eᵛ), without cancellation near 0
    let scale = sqrt(-expm1(-2 * decay))
    let (lambdaReal, lambdaImaginary) = (exp(-decay) * cos(phase), exp(-decay) * sin(phase))
    let inputReal = scale * scope.affine("inputReal", [x], units, bias: nil)
    let inputImaginary = scale * scope.affine("inputImaginary", [x], units, bias: nil)
    let nextReal = real.next(lambdaReal * real - lambdaImaginary * imaginary + inputReal)
    let nextImaginary = imaginary.next(lambdaImaginary * real + lambdaReal * imaginary + inputImaginary)
    return scope.affine("output", [nextReal, nextImaginary, x], outputs, bias: nil)
  }
}
