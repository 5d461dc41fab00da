/// The value below which a share of the numbers lies, between the order statistics on a straight line.
///
/// With x₍₁₎ ≤ … ≤ x₍ₙ₎ and k = (n − 1) p + 1: x₍⌊k⌋₎ + (k − ⌊k⌋) (x₍⌊k⌋₊₁₎ − x₍⌊k⌋₎)     (Hyndman & Fan 1996, type 7)
///
/// - Parameters:
///   - share: From 0 to 1; one half is the median.
///   - sorted: In rising order. NaN belongs to the end, as `ascending` has it: a run without a number is worse than any
///     with one.
/// - Returns: NaN for no numbers.
public func quantile(_ share: Double, ofSorted sorted: [Double]) -> Double {
  precondition((0...1).contains(share), "a share is from 0 to 1, not \(share)")
  guard let last = sorted.indices.last else { return .nan }
  let place = Double(last) * share
  let below = Int(place.rounded(.down))
  let (low, high) = (sorted[below], sorted[min(below + 1, last)])
  // Also where both are infinite, whose difference is not a number.
  guard place > Double(below), low != high else { return low }
  return low + (place - Double(below)) * (high - low)
}

extension [Double] {
  /// The numbers in rising order, NaN at the end.
  public var ascending: [Double] { sorted { $0 < $1 || ($1.isNaN && !$0.isNaN) } }
}
