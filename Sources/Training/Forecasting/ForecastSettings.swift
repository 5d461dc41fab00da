/// How a forecaster is trained.
public struct ForecastSettings: Hashable, Sendable {
  /// How many values the network reads before it forecasts the next one.
  public var window: Int
  public var batchSize: Int
  public var steps: Int
  /// The learning rate at the first step, which falls to 0 at the last one along a cosine.
  public var learningRate: Double
  /// Gradients are clipped to this global norm.
  public var clip: Double
  /// The last part of the series that is never trained on.
  public var heldOutFraction: Double
  public var seed: UInt64
  /// After how many steps the held-out error is measured each time.
  public var evaluationInterval: Int

  public init(
    window: Int = 24, batchSize: Int = 32, steps: Int = 1000, learningRate: Double = 3e-3, clip: Double = 1,
    heldOutFraction: Double = 0.2, seed: UInt64 = 1, evaluationInterval: Int = 50
  ) {
    self.window = window
    self.batchSize = batchSize
    self.steps = steps
    self.learningRate = learningRate
    self.clip = clip
    self.heldOutFraction = heldOutFraction
    self.seed = seed
    self.evaluationInterval = evaluationInterval
  }

  /// What makes no sense, and what would; nil if all does.
  var problem: String? {
    func atLeastOne(_ name: String, _ value: Int) -> String? {
      value >= 1 ? nil : "\(name) is at least 1, not \(value)"
    }
    func positive(_ name: String, _ value: Double) -> String? {
      value > 0 && value.isFinite ? nil : "\(name) is a number above 0, not \(value)"
    }
    return atLeastOne("the window", window) ?? atLeastOne("the batch size", batchSize)
      ?? atLeastOne("the number of steps", steps) ?? atLeastOne("the evaluation interval", evaluationInterval)
      ?? positive("the learning rate", learningRate) ?? positive("the clip", clip)
  }
}
