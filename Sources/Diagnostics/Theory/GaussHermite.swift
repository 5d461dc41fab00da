/// Gauss–Hermite quadrature for means over a standard normal variable: E f(z) ≈ Σ wᵢ f(zᵢ), exact for polynomials of
/// degree below 2n.
///
/// The nodes are the zeros of the orthonormal polynomial pₙ of the normal density,
///
///     √(k+1) pₖ₊₁(z) = z pₖ(z) − √k pₖ₋₁(z),
///
/// the eigenvalues of a tridiagonal matrix with √k next to its diagonal (Golub & Welsch 1969). They are found by
/// bisection with Sturm counts, and wᵢ = 1 / Σ pₖ(zᵢ)² over k < n.
public struct GaussHermite: Sendable, Hashable {
  /// zᵢ, ascending.
  public let nodes: [Double]
  /// wᵢ; they sum to 1.
  public let weights: [Double]

  /// - Parameter count: n, in 1 ... 300.
  public init(_ count: Int = 96) {
    precondition(count >= 1 && count <= 300, "Gauss–Hermite quadrature of \(count) nodes, not of 1 ... 300")
    let bound = 2 * Double(count).squareRoot() + 1
    // The zeros are symmetric about 0, which is one of them if their number is odd.
    let positive = ((count + 1) / 2..<count).map { Self.zero(above: $0, of: count, within: bound) }
    nodes = positive.reversed().map { -$0 } + (count.isMultiple(of: 2) ? [] : [0]) + positive
    let weights = nodes.map { 1 / Self.christoffel($0, count) }
    let total = weights.reduce(0, +)
    self.weights = weights.map { $0 / total }
  }

  /// E f(z) with z of N(0, 1).
  public func mean(_ function: (Double) -> Double) -> Double {
    var sum = 0.0
    for (node, weight) in zip(nodes, weights) { sum += weight * function(node) }
    return sum
  }

  /// E f(μ + σ z).
  public func mean(_ function: (Double) -> Double, mean: Double, deviation: Double) -> Double {
    self.mean { function(mean + deviation * $0) }
  }

  /// E f(u, v) of two standard normal variables with a correlation in −1 ... 1.
  public func mean(correlation: Double, _ function: (Double, Double) -> Double) -> Double {
    // v = c u + √(1 − c²) w, with w independent of u
    let rest = max(0, 1 - correlation * correlation).squareRoot()
    return mean { u in mean { w in function(u, correlation * u + rest * w) } }
  }

  /// The zero of pₙ with `index` zeros below it.
  private static func zero(above index: Int, of count: Int, within bound: Double) -> Double {
    var (low, high) = (0.0, bound)
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if zerosBelow(middle, count) > index { high = middle } else { low = middle }
    }
  }

  /// The Sturm count from the ratios rₖ = z − k / rₖ₋₁: each negative one is a zero above z.
  private static func zerosBelow(_ z: Double, _ count: Int) -> Int {
    var ratio = z
    var positive = ratio > 0 ? 1 : 0
    for k in 1..<max(1, count) {
      if ratio == 0 { ratio = .leastNormalMagnitude }
      ratio = z - Double(k) / ratio
      if ratio > 0 { positive += 1 }
    }
    return positive
  }

  /// Σ pₖ(z)² over k < n
  private static func christoffel(_ z: Double, _ count: Int) -> Double {
    var (before, current) = (0.0, 1.0)
    var sum = 1.0
    for k in 0..<count - 1 {
      let next = (z * current - Double(k).squareRoot() * before) / Double(k + 1).squareRoot()
      (before, current) = (current, next)
      sum += current * current
    }
    return sum
  }
}
