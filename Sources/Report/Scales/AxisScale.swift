import Foundation

/// The map from values to places between 0 and 1 along an axis.
///
///     linear:  f(v) = (v − low) / (high − low)
///     log10:   f(v) = (log₁₀ v − log₁₀ low) / (log₁₀ high − log₁₀ low)
///     time:    as linear
package struct AxisScale: Sendable, Hashable {
  let kind: ChartScale
  /// The values at the two ends; low < high.
  package let low: Double
  package let high: Double

  /// The room that the data leave at the ends of the axis.
  package enum Margin {
    /// The axis ends where the data end.
    case none
    /// A little room, and zero at the end of a linear axis if it nearly reaches zero.
    case some
    /// A linear axis always includes zero, as the lengths of bars require.
    case fromZero
  }

  package init(_ kind: ChartScale, values: some Sequence<Double>, bounds: ClosedRange<Double>?, margin: Margin = .none)
  {
    self.kind = kind
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isFinite && (kind != .log10 || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    if low > high {
      // There are no data, but an empty frame needs bounds too.
      (low, high) = kind == .log10 ? (0.1, 10) : (0, 1)
    }
    switch kind {
    case .linear: (low, high) = AxisScale.linearEnds(low, high, margin)
    // Zero is no special moment, and a single moment is shown with a day on each side.
    case .time: if low == high { (low, high) = (low - 86_400, high + 86_400) }
    case .log10: (low, high) = AxisScale.logarithmicEnds(low, high, margin)
    }
    if let bounds, bounds.lowerBound.isFinite, bounds.upperBound.isFinite, bounds.lowerBound < bounds.upperBound,
      kind != .log10 || bounds.lowerBound > 0
    {
      (low, high) = (bounds.lowerBound, bounds.upperBound)
    }
    self.low = low
    self.high = high
  }

  private static func linearEnds(_ low: Double, _ high: Double, _ margin: Margin) -> (Double, Double) {
    var low = low
    var high = high
    if margin == .fromZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    // A range near rounding errors counts as none: a constant is drawn as a constant.
    let size = max(low.magnitude, high.magnitude)
    if size == 0 { return margin == .none ? (-1, 1) : (0, 1) }
    if high / 2 - low / 2 <= size * 1e-12 {
      let room = max(size / 2, Double.leastNormalMagnitude)
      return (clampedToFinite(low - room), clampedToFinite(high + room))
    }
    switch margin {
    case .none: return (low, high)
    case .some, .fromZero:
      let room = (high / 2 - low / 2) * 0.1
      let nearZero = margin == .fromZero || (low >= 0 ? low <= high * 0.4 : high <= 0 && high >= low * 0.4)
      let paddedLow = low >= 0 && nearZero ? 0 : clampedToFinite(low - room)
      let paddedHigh = high <= 0 && nearZero ? 0 : clampedToFinite(high + room)
      return (paddedLow, paddedHigh)
    }
  }

  private static func logarithmicEnds(_ low: Double, _ high: Double, _ margin: Margin) -> (Double, Double) {
    let lowPower = Foundation.log10(low)
    let highPower = Foundation.log10(high)
    // Less than 10⁻⁹ decades is a constant; it gets half a decade on each side.
    if highPower - lowPower <= 1e-9 { return (power10(lowPower - 0.5), power10(highPower + 0.5)) }
    let room = (highPower - lowPower) * 0.05
    switch margin {
    case .none: return (low, high)
    case .some: return (power10(lowPower - room), power10(highPower + room))
    case .fromZero:
      // A bar on a logarithmic axis cannot start at zero; it starts at the power of ten below the smallest value.
      return (power10((lowPower - 1e-9).rounded(.down)), power10(highPower + room))
    }
  }

  private static func clampedToFinite(_ value: Double) -> Double {
    max(-Double.greatestFiniteMagnitude, min(Double.greatestFiniteMagnitude, value))
  }

  private static func power10(_ exponent: Double) -> Double {
    max(Double.leastNonzeroMagnitude, min(Double.greatestFiniteMagnitude, Foundation.pow(10, exponent)))
  }

  /// The position of `value`, or `nil` if it has none on this axis.
  package func fraction(of value: Double) -> Double? {
    guard value.isFinite else { return nil }
    let fraction: Double
    switch kind {
    case .linear, .time:
      // Halved, the difference of two finite numbers is finite.
      fraction =
        (high - low).isFinite ? (value - low) / (high - low) : (value / 2 - low / 2) / (high / 2 - low / 2)
    case .log10:
      guard value > 0 else { return nil }
      fraction = (Foundation.log10(value) - lowPower) / (highPower - lowPower)
    }
    // The ends belong to the axis despite rounding.
    guard fraction >= -1e-9, fraction <= 1 + 1e-9 else { return nil }
    return max(0, min(1, fraction))
  }

  /// The value at a place between 0 and 1.
  package func value(at fraction: Double) -> Double {
    if fraction <= 0 { return low }
    if fraction >= 1 { return high }
    switch kind {
    case .linear, .time: return low * (1 - fraction) + high * fraction
    case .log10: return Foundation.pow(10, lowPower * (1 - fraction) + highPower * fraction)
    }
  }

  var lowPower: Double { Foundation.log10(low) }
  var highPower: Double { Foundation.log10(high) }
}
