internal import Foundation

/// The mean-field theory of a wide random network h' = φ(W h + U x + b), with tanh as φ: with entries of W of variance
/// σ_w²/n, and inputs and biases that add independent Gaussian numbers of variance σ_b² to each unit.
///
/// ```swift
/// let theory = MeanFieldTheory(weightVariance: 1.5, biasVariance: 0.1)
/// let predicted = theory.gradientNorms(length: 100)      // to draw over a measured curve
/// ```
///
/// Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli (2016, section 2) and Schoenholz, Gilmer, Ganguli & Sohl-Dickstein
/// (2017) for deep networks; Chen, Pennington & Schoenholz (2018) for recurrent ones, where all steps share their
/// weights, but the resulting correlations vanish in the limit of many units. An orthogonal matrix times g has σ_w² =
/// g². In this theory the mean square of a gradient is multiplied by χ at each step back, exactly in the limit of many
/// units.
public struct MeanFieldTheory: Sendable, Hashable {
  /// σ_w²: n times the variance of a recurrent weight.
  public var weightVariance: Double
  /// σ_b²: the variance that biases and inputs add to each unit's sum at each step; for m input features of N(0, 1)
  /// with weights of variance σ_u²/m it is σ_u².
  public var biasVariance: Double
  /// Fixed nodes for the means over normal variables; nil chooses them by an estimate of the error.
  public var quadrature: GaussHermite?

  /// - Parameters:
  ///   - weightVariance: σ_w²: n times the variance of a recurrent weight; not negative.
  ///   - biasVariance: σ_b²: the variance that biases and inputs add to each unit's sum; not negative.
  ///   - quadrature: Fixed nodes for the means over normal variables, which are inaccurate for large q: 96 nodes give χ
  ///     to 5 digits at q = 3 and to one digit at q = 30. By default enough nodes for ten digits.
  public init(weightVariance: Double, biasVariance: Double = 0, quadrature: GaussHermite? = nil) {
    precondition(weightVariance >= 0 && biasVariance >= 0, "variances are not negative")
    self.weightVariance = weightVariance
    self.biasVariance = biasVariance
    self.quadrature = quadrature
  }

  /// The variance of a unit's sum at the next step: σ_w² E φ(√q z)² + σ_b² (Poole et al. 2016, section 2).
  public func nextVariance(_ q: Double) -> Double {
    weightVariance * mean({ square(tanh($0)) }, deviation: q.squareRoot()) + biasVariance
  }

  /// E f(√q z)
  private func mean(_ function: (Double) -> Double, deviation: Double) -> Double {
    quadrature?.mean(function, mean: 0, deviation: deviation)
      ?? NormalMeans.mean(function, mean: 0, deviation: deviation)
  }

  /// q*, the stationary variance: the stable fixed point of `nextVariance`, 0 for σ_w² ≤ 1 without bias.
  ///
  /// q ↦ next(q) − q is positive below the fixed point and negative above it, since the map is concave for tanh; it is
  /// found by bisection on [0, σ_w² + σ_b²].
  public var fixedVariance: Double {
    if biasVariance == 0, weightVariance <= 1 { return 0 }
    var (low, high) = (0.0, weightVariance + biasVariance)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if nextVariance(middle) > middle { low = middle } else { high = middle }
    }
  }

  /// χ = σ_w² E φ'(√q z)²: the factor per step on the mean square of a gradient and of a small difference.
  ///
  /// - Parameter q: By default q*. There χ < 1 is the ordered phase, in which gradients vanish, and χ > 1 the chaotic
  ///   phase, in which they explode.
  public func susceptibility(variance q: Double? = nil) -> Double {
    // φ' = 1 / cosh²; 1 − tanh² would round to 0 far out
    weightVariance * mean({ square(square(1 / cosh($0))) }, deviation: (q ?? fixedVariance).squareRoot())
  }

  /// ½ ln χ: the slope of ln ‖dL/dhₜ‖ per step back.
  public var slope: Double { log(susceptibility()) / 2 }

  /// e^slope = √χ: to compare with `DecayFit.factor`.
  public var factor: Double { susceptibility().squareRoot() }

  /// ξ = −1 / ln χ: the depth over which the squared gradient falls to 1/e (Schoenholz et al. 2017, sections 3 and
  /// 5); ∞ at the edge of chaos, negative in the chaotic phase.
  public var depthScale: Double { -1 / log(susceptibility()) }

  /// ‖dL/dhₜ‖ for t = 1 … T: the last value times √χ^(T−t).
  public func gradientNorms(length: Int, last: Double = 1) -> [Double] {
    exponential(factor, length: length, last: last)
  }

  /// The correlation of two trajectories' sums at the next step, if their sums have correlation c and variance q* and
  /// the contributions of biases and inputs have the correlation `shared`: 1 for the same inputs, 0 for independent
  /// ones.
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

  /// c*, the limit of the correlation of two trajectories from c = 0; 1 in the ordered phase with the same inputs.
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
