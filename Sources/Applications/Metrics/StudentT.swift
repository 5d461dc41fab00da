internal import Foundation

/// Student's t distribution with a whole number of degrees of freedom.
struct StudentT: Hashable, Sendable {
  /// ν, at least 1.
  let degreesOfFreedom: Int

  init(degreesOfFreedom: Int) {
    precondition(degreesOfFreedom >= 1, "Student's t has at least 1 degree of freedom, not \(degreesOfFreedom)")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(|T| ≥ |t|) = I_x(ν/2, ½) with x = ν / (ν + t²), the regularised incomplete beta function (Abramowitz & Stegun
  /// 1964, 26.7.1). Small probabilities are accurate.
  func twoSidedProbability(_ t: Double) -> Double {
    guard !t.isNaN else { return .nan }
    let ν = Double(degreesOfFreedom)
    // As 1 / (1 + t²/ν), which avoids an overflow to ∞/∞.
    let ratio = t / ν.squareRoot()
    let x = 1 / (1 + ratio * ratio)
    // The fraction converges fast below the mean of the distribution; above it, its complement does.
    if x < (ν + 2) / (ν + 5) { return incompleteBeta(x, complement: 1 - x, ν / 2, 0.5) }
    return 1 - incompleteBeta(ratio * ratio * x, complement: x, 0.5, ν / 2)
  }

  /// B(ν/2, ½), from B(½, ½) = π or B(1, ½) = 2 and B(a + 1, b) = B(a, b) a / (a + b).
  private var beta: Double {
    var a = degreesOfFreedom % 2 == 0 ? 1.0 : 0.5
    var value = degreesOfFreedom % 2 == 0 ? 2.0 : .pi
    while 2 * a < Double(degreesOfFreedom) {
      value *= a / (a + 0.5)
      a += 1
    }
    return value
  }

  /// I_x(a, b) = xᵃ (1 − x)ᵇ / (a B(a, b)) · 1 / (1 + d₁ / (1 + d₂ / (1 + …))) (Abramowitz & Stegun 1964, 26.5.8), with the
  /// fraction evaluated after Lentz (1976):
  ///
  ///     d_{2m+1} = −(a + m) (a + b + m) x / ((a + 2m) (a + 2m + 1))
  ///     d_{2m}   = m (b − m) x / ((a + 2m − 1) (a + 2m))
  private func incompleteBeta(_ x: Double, complement: Double, _ a: Double, _ b: Double) -> Double {
    guard x > 0 else { return 0 }
    let tiny = 1e-300
    func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var (fraction, c, d) = (1.0, 1.0, 0.0)
    for step in 1...10_000 {
      let m = Double(step / 2)
      let coefficient =
        step % 2 == 0
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / away(1 + coefficient * d)
      c = away(1 + coefficient / c)
      fraction *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return pow(x, a) * pow(complement, b) / (a * beta) / fraction
  }
}
