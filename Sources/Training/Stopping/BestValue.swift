/// The smallest of the values that were seen, and for how many values there was none that is clearly smaller.
public struct BestValue: Hashable, Sendable {
  /// Infinite before the first value.
  public var value: Double
  /// How many values followed that were no improvement.
  public var stale: Int

  /// By default a state before the first value.
  public init(value: Double = .infinity, stale: Int = 0) {
    self.value = value
    self.stale = stale
  }

  /// Whether the value is an improvement: by more than the tolerance, as a fraction of the best. NaN never is.
  mutating func observe(_ value: Double, tolerance: Double) -> Bool {
    let limit = self.value.isFinite ? self.value - tolerance * abs(self.value) : self.value
    guard value < limit else {
      stale += 1
      return false
    }
    self = BestValue(value: value)
    return true
  }
}
