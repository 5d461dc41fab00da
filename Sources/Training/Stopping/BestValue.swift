/// The smallest value so far, and the number of values since without a clear improvement.
public struct BestValue: Hashable, Sendable {
  /// Infinite before the first value.
  public var value: Double
  /// How many values followed without an improvement.
  public var stale: Int

  /// By default a state before the first value.
  public init(value: Double = .infinity, stale: Int = 0) {
    self.value = value
    self.stale = stale
  }

  /// Whether the value is an improvement: by more than the tolerance, as a fraction of the best, and by more than the
  /// smallest change. NaN never is one.
  mutating func observe(_ value: Double, tolerance: Double, minimumChange: Double) -> Bool {
    let limit = self.value.isFinite ? self.value - max(tolerance * abs(self.value), minimumChange) : self.value
    guard value < limit else {
      stale += 1
      return false
    }
    self = BestValue(value: value)
    return true
  }
}
