public import EbbTensors

/// Ends training once a measured value has stopped falling (Prechelt 1998, criterion UP in its simplest form).
public struct EarlyStopping: Hashable, Sendable {
  /// How many values in a row may be no improvement; the next such one ends training.
  public var patience: Int
  /// A value improves if it is lower by more than this fraction of the best one.
  public var tolerance: Double
  /// Whether training that ends so gets the parameters back with which the best value was measured.
  public var restoresBest: Bool

  /// The rule with these settings.
  public init(patience: Int = 10, tolerance: Double = 0, restoresBest: Bool = true) {
    self.patience = patience
    self.tolerance = tolerance
    self.restoresBest = restoresBest
  }

  /// What the rule remembers from value to value.
  public struct State: Hashable, Sendable {
    /// The best value so far.
    public var best: BestValue
    /// The parameters of the best value, if they are to be restored.
    public var bestParameters: [String: Tensor]?

    /// By default a state before the first value.
    public init(best: BestValue = BestValue(), bestParameters: [String: Tensor]? = nil) {
      self.best = best
      self.bestParameters = bestParameters
    }
  }

  /// Takes a measured value, lower being better, and the parameters that it was measured with; tells whether to stop.
  public func observe(_ value: Double, parameters: [String: Tensor], _ state: inout State) -> Bool {
    if state.best.observe(value, tolerance: tolerance), restoresBest { state.bestParameters = parameters }
    return isOver(state)
  }

  /// Whether too many values in a row were no improvement.
  public func isOver(_ state: State) -> Bool { state.best.stale > patience }
}
