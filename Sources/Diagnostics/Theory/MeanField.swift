internal import Foundation

/// The mean-field theory of a wide random network h' = φ(W h + U x + b), with tanh as φ: entries of W of variance σ_w²/n,
/// inputs and biases that add independent Gaussian numbers of variance σ_b² to each unit.
///
/// ```swift
/// let theory = MeanFieldTheory(weightVariance: 1.5, biasVariance: 0.1)
/// let predicted = theory.gradientNorms(length: 100)      // to draw over a measured curve
/// ```
///
/// Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli (2016, section 2) and Schoenholz, Gilmer, Ganguli & Sohl-Dickstein
/// (2017) for deep networks; Chen, Pennington & Schoenholz (2018) for recurrent ones, where the weights of all steps are
/// the same but, in the limit of many units, no correlation of theirs enters. An orthogonal matrix times g has
/// σ_w² = g². In these the mean square of a gradient is multiplied by χ at each step back, exactly so in the limit of
/// many units.
public struct MeanFieldTheory: Sendable, Hashable {
  /// σ_w²: n times the variance of a recurrent weight.
  public var weightVariance: Double
  /// σ_b²: the variance that biases and inputs add to each unit's sum at each step; of inputs N(0, 1) over m features with
  /// weights of variance σ_u²/m it is σ_u².
  public var biasVariance: Double
  /// Fixed nodes for the means over normal variables; nil chooses them by an estimate of the error.
  public var quadrature: GaussHermite?

  /// - Parameter quadrature: Fixed nodes for the means over normal variables, which are few digits for large q: 96 give χ
  ///   to 5 digits at q = 3, and to one at q = 30. By default as many as are needed for ten digits.
  public init(weightVariance: Double, biasVariance: Double = 0, quadrature: GaussHermite? = nil) {
    precondition(weightVariance >= 0 && biasVariance >= 0, "variances are not negative")
    self.weightVariance = weightVariance
    self.biasVariance = biasVariance
    self.quadrature = quadrature
  }

  /// The variance of a unit's sum one step on: σ_w² E φ(√q z)² + σ_b² (Poole et al. 2016, section 2).
  public func nextVariance(_ q: Double) -> Double {
    weightVariance * mean({ square(tanh($0)) }, deviation: q.squareRoot()) + biasVariance
  }

  /// E f(√q z)
  private func mean(_ function: (Double) -> Double, deviation: Double) -> Double {
    quadrature?.mean(function, mean: 0, deviation: deviation)
      ?? NormalMeans.mean(function, mean: 0, deviation: deviation)
  }

  /// q*, the variance that stays: the stable fixed point of `nextVariance`, which is 0 for σ_w² ≤ 1 without bias.
  ///
  /// q ↦ next(q) − q is positive below the fixed point and negative above it, since the map is concave for tanh; found by
  /// bisection on [0, σ_w² + σ_b²].
  public var fixedVariance: Double {
    if biasVariance == 0, weightVariance <= 1 { return 0 }
    var (low, high) = (0.0, weightVariance + biasVariance)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if nextVariance(middle) > middle { low = middle } else { high = middle }
    }
  }

  /// χ = σ_w² E φ'(√q z)²: the factor on the mean square of a gradient, and of a small difference, for one step.
  ///
  /// - Parameter q: By default q*, at which χ < 1 is the ordered phase, in which gradients vanish, and χ > 1 the chaotic one,
  ///   in which they explode.
  public func susceptibility(variance q: Double? = nil) -> Double {
    // φ' = 1 / cosh², which 1 − tanh² rounds to 0 far out
    weightVariance * mean({ square(square(1 / cosh($0))) }, deviation: (q ?? fixedVariance).squareRoot())
  }

  /// ½ ln χ: the slope of ln ‖dL/dhₜ‖ for each step back.
  public var slope: Double { log(susceptibility()) / 2 }

  /// e^slope = √χ: to compare with `DecayFit.factor`.
  public var factor: Double { susceptibility().squareRoot() }

  /// ξ = −1 / ln χ: the depth over which the squared gradient falls to 1/e (Schoenholz et al. 2017, sections 3 and
  /// 5); ∞ at the edge of chaos, negative in the chaotic phase.
  public var depthScale: Double { -1 / log(susceptibility()) }

  /// ‖dL/dhₜ‖ for t = 1 … T, √χ^(T−t) of the last.
  public func gradientNorms(length: Int, last: Double = 1) -> [Double] {
    exponential(factor, length: length, last: last)
  }

  /// The correlation of two trajectories' sums one step on, if their sums have the correlation c and the variance q*, and
  /// what biases and inputs add to them is correlated as `shared`: 1 for the same inputs, 0 for independent ones.
  public func nextCorrelation(_ c: Double, shared: Double = 1) -> Double {
    nextCorrelation(c, shared, at: fixedVariance)
  }

  private func nextCorrelation(_ c: Double, _ shared: Double, at q: Double) -> Double {
    guard q > 0 else { return shared }
    let deviation = q.squareRoot()
    let overlap =
      quadrature.map { $0.mean(correlation: c) { tanh(deviation * $0) * tanh(deviation * $1) } }
      ?? NormalMeans.product({ tanh($0) }, deviation: deviation, correlation: c)
    return (weightVariance * overlap + biasVariance * shared) / q
  }

  /// c*, to which the correlation of two trajectories goes from c = 0; 1 in the ordered phase, for the same inputs.
  public func fixedCorrelation(shared: Double = 1, tolerance: Double = 1e-10, limit: Int = 10_000) -> Double {
    let q = fixedVariance
    var c = 0.0
    for _ in 0..<limit {
      let next = min(1, nextCorrelation(c, shared, at: q))
      if abs(next - c) < tolerance { return next }
      c = next
    }
    return c
  }
}

/// last · factor^(T−t) for t = 1 … T
func exponential(_ factor: Double, length: Int, last: Double) -> [Double] {
  (0..<length).map { last * pow(factor, Double(length - 1 - $0)) }
}

private func square(_ x: Double) -> Double { x * x }
