internal import Foundation

/// Σ |x|ᵖ for p = 1 or 2, of numbers of any magnitude. Terms that would overflow or underflow are summed separately,
/// scaled by a power of two (Blue 1978). For ordinary numbers the result has the bits of a plain sum. NaN if any number
/// is NaN.
package struct WideSum: Hashable, Sendable {
  private let power: Int
  private var small = 0.0
  private var medium = 0.0
  private var large = 0.0
  /// Large numbers are scaled by 2⁻⁶⁰⁰, small ones by 2⁶⁰⁰.
  private static let shift = 600

  package init(power: Int) {
    precondition(power == 1 || power == 2, "sums are of magnitudes or of squares")
    self.power = power
  }

  package mutating func add(_ x: Double) { add(abs(x), abs(x)) }

  /// Adds x y to a sum of squares; y has the sign of x and a similar size.
  package mutating func add(product x: Double, _ y: Double) {
    precondition(power == 2, "products are added to squares")
    add(abs(x), abs(y))
  }

  private mutating func add(_ x: Double, _ y: Double) {
    func term(_ scale: Double) -> Double { power == 1 ? x * scale : (x * scale) * (y * scale) }
    if x > 0x1p400, x.isFinite {
      large += term(0x1p-600)
    } else if x < 0x1p-400, x > 0 {
      small += term(0x1p600)
    } else {
      medium += term(1)
    }
  }

  /// (Σ |x|ᵖ / n)^(1/p)
  package func root(over count: Double) -> Double {
    let (sum, exponent) = scaled
    let mean = sum / count
    return scalbn(power == 1 ? mean : mean.squareRoot(), exponent)
  }

  /// Σ |x|ᵖ / n, which may be out of range; with n = 1 the sum itself.
  package func mean(over count: Double) -> Double {
    let (sum, exponent) = scaled
    return scalbn(sum / count, power * exponent)
  }

  /// The quotient of two sums; NaN where both are 0.
  package func quotient(over other: WideSum) -> Double {
    let (a, b) = (scaled, other.scaled)
    return scalbn(a.sum / b.sum, power * (a.exponent - b.exponent))
  }

  /// A sum and the exponent e by which the numbers are scaled: Σ |x|ᵖ = sum · 2^(p e).
  private var scaled: (sum: Double, exponent: Int) {
    if large > 0 { return (large + scalbn(medium, -Self.shift * power), Self.shift) }
    if small > 0, !(medium > 0x1p-700) { return (small + scalbn(medium, Self.shift * power), -Self.shift) }
    return (medium + scalbn(small, -Self.shift * power), 0)
  }
}
