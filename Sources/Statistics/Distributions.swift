internal import Foundation

/// Φ(z), the share of a standard normal distribution below z.
func normalShare(below z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

/// The share of Student's distribution below t.
///
/// With θ = atan(t / √ν), A the share within ±t is
/// ν = 1: 2 θ / π;  ν odd: 2/π {θ + sin θ [cos θ + 2/3 cos³ θ + … + (2·4⋯(ν−3))/(1·3⋯(ν−2)) cos^(ν−2) θ]};
/// ν even: sin θ {1 + 1/2 cos² θ + … + (1·3⋯(ν−3))/(2·4⋯(ν−2)) cos^(ν−2) θ}
/// (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
///
/// - Parameter freedom: ν, at least 1.
func studentShare(below t: Double, freedom: Int) -> Double {
  let angle = atan(t / Double(freedom).squareRoot())
  let (sine, cosine) = (sin(angle), cos(angle))
  let isOdd = freedom % 2 == 1
  var term = isOdd ? cosine : 1
  var sum = freedom == 1 ? 0 : term
  for k in stride(from: isOdd ? 3 : 2, to: freedom, by: 2) {
    term *= Double(k - 1) / Double(k) * cosine * cosine
    sum += term
  }
  let within = isOdd ? 2 / Double.pi * (angle + sine * sum) : sine * sum
  return 0.5 + within / 2
}

/// The point of a rising function at which it has this value, by halving the interval until it is two neighbours.
func inverse(_ value: Double, within bounds: ClosedRange<Double>, _ function: (Double) -> Double) -> Double {
  var (low, high) = (bounds.lowerBound, bounds.upperBound)
  for _ in 0..<200 {
    let middle = low / 2 + high / 2
    if middle <= low || middle >= high { break }
    if function(middle) < value { low = middle } else { high = middle }
  }
  return low / 2 + high / 2
}

/// The t that Student's distribution exceeds with the probability `tail`.
func studentPoint(tail: Double, freedom: Int) -> Double {
  inverse(1 - tail, within: 0...1e6) { studentShare(below: $0, freedom: freedom) }
}
