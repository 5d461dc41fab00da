/// Multiplies the learning rate by a factor each time a measured value stops falling.
///
/// It counts as PyTorch's `ReduceLROnPlateau` does. Keras's lowers the rate at the value whose number is `patience`, and
/// counts the last value of its cooldown: patience p and cooldown c there are p − 1 and c − 1 here, and 0 is 0.
public struct PlateauDecay: Hashable, Sendable {
  /// The factor, in 0 ..< 1.
  public var factor: Double
  /// How many values in a row may bring no improvement; the next one lowers the rate.
  public var patience: Int
  /// A value improves if it is lower by more than this fraction of the best one.
  public var tolerance: Double
  /// A value improves if it is lower by more than this, in its own unit: `min_delta` in Keras, `threshold` with
  /// `threshold_mode="abs"` in PyTorch.
  public var minimumChange: Double
  /// How many values after a decrease do not count as stale.
  public var cooldown: Int
  /// The product of all factors never falls below this: `min_lr` of the frameworks, as a fraction of the first rate.
  public var smallestFactor: Double

  /// The rule with these settings.
  public init(
    factor: Double = 0.1, patience: Int = 10, tolerance: Double = 1e-4, minimumChange: Double = 0, cooldown: Int = 0,
    smallestFactor: Double = 0
  ) {
    self.factor = factor
    self.patience = patience
    self.tolerance = tolerance
    self.minimumChange = minimumChange
    self.cooldown = cooldown
    self.smallestFactor = smallestFactor
  }

  /// The rule's state between values.
  public struct State: Hashable, Sendable {
    /// The best value so far.
    public var best: BestValue
    /// How many of the next values do not count as stale.
    public var cooldownLeft: Int

    /// By default a state before the first value.
    public init(best: BestValue = BestValue(), cooldownLeft: Int = 0) {
      self.best = best
      self.cooldownLeft = cooldownLeft
    }
  }

  /// Observes a measured value, lower being better; returns the product of all factors, given the current one.
  public func observe(_ value: Double, _ state: inout State, rateFactor: Double = 1) -> Double {
    _ = state.best.observe(value, tolerance: tolerance, minimumChange: minimumChange)
    if state.cooldownLeft > 0 {
      state.cooldownLeft -= 1
      state.best.stale = 0
    }
    guard state.best.stale > patience else { return rateFactor }
    state.best.stale = 0
    state.cooldownLeft = cooldown
    return min(rateFactor, max(rateFactor * factor, smallestFactor))
  }
}
