public import EbbTensors

/// Ends training when a measured value has stopped falling (Prechelt 1998, criterion UP in its simplest form).
public struct EarlyStopping: Hashable, Sendable {
  /// How many values in a row may bring no improvement; the next one ends training. In Keras the value whose number is
  /// `patience` does: its 3 is 2 here.
  public var patience: Int
  /// A value improves if it is lower by more than this fraction of the best one.
  public var tolerance: Double
  /// A value improves if it is lower by more than this, in its own unit: `min_delta` in Keras, `threshold` with
  /// `threshold_mode="abs"` in PyTorch.
  public var minimumChange: Double
  /// Whether training that ends so restores the parameters of the best value. Training that made all its steps keeps the
  /// last ones, from which it can go on; the best are then `trainer.state.earlyStopping?.bestParameters`.
  public var restoresBest: Bool

  /// The rule with these settings.
  public init(patience: Int = 10, tolerance: Double = 0, minimumChange: Double = 0, restoresBest: Bool = true) {
    self.patience = patience
    self.tolerance = tolerance
    self.minimumChange = minimumChange
    self.restoresBest = restoresBest
  }

  /// The rule's state between values.
  public struct State: Hashable, Sendable {
    /// The best value so far.
    public var best: BestValue
    /// The parameters of the best value, if they will be restored.
    public var bestParameters: [String: Tensor]?

    /// By default a state before the first value.
    public init(best: BestValue = BestValue(), bestParameters: [String: Tensor]? = nil) {
      self.best = best
      self.bestParameters = bestParameters
    }
  }

  /// Observes a measured value, lower being better, with the parameters of the measurement; returns whether to stop.
  public func observe(_ value: Double, parameters: [String: Tensor], _ state: inout State) -> Bool {
    let isBest = state.best.observe(value, tolerance: tolerance, minimumChange: minimumChange)
    if isBest, restoresBest { state.bestParameters = parameters }
    return isOver(state)
  }

  /// Whether too many values in a row brought no improvement.
  public func isOver(_ state: State) -> Bool { state.best.stale > patience }
}
