public import EbbTraining

/// How a text classifier is trained.
public struct ClassifierSettings: Hashable, Sendable {
  /// The maximum number of passes over all texts.
  public var epochs: Int
  /// The texts of a step.
  public var batchSize: Int
  /// The learning rate of AdamW.
  public var learningRate: Double
  /// λ of decoupled weight decay (Loshchilov & Hutter 2019), for all but biases.
  public var weightDecay: Double
  /// How gradients are limited before an update.
  public var clipping: ParameterGradientClipping
  /// The decay d of the mean of the weights, θ̄ ← d θ̄ + (1 − d) θ, which is evaluated and kept.
  public var averaging: Double
  /// The fraction of the training texts that is held out, for early stopping.
  public var heldOutFraction: Double
  /// How many epochs in a row may bring no improvement; the next one ends training.
  public var patience: Int
  /// Words that occur less often are unknown.
  public var minimumCount: Int
  /// Whether each epoch has its own order, of batches of texts of about one length. Otherwise texts stay in the order in
  /// which they are given.
  public var shuffles: Bool
  /// How much the texts of each class count.
  public var classWeights: ClassWeights
  /// Determines the held-out texts, the initial values, the order of the texts and dropout.
  public var seed: UInt64

  /// Settings of a training.
  public init(
    epochs: Int = 20, batchSize: Int = 32, learningRate: Double = 2e-3, weightDecay: Double = 0.01,
    clipping: ParameterGradientClipping = .globalNorm(1),
    averaging: Double = 0.99, heldOutFraction: Double = 0.1, patience: Int = 3, minimumCount: Int = 2,
    shuffles: Bool = true, classWeights: ClassWeights = .equal, seed: UInt64 = 1
  ) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.clipping = clipping
    self.averaging = averaging
    self.heldOutFraction = heldOutFraction
    self.patience = patience
    self.minimumCount = minimumCount
    self.shuffles = shuffles
    self.classWeights = classWeights
    self.seed = seed
  }

  /// The problem with these settings, and what would be right; nil if there is none. The trainer checks clipping and
  /// averaging.
  var problem: String? {
    let counts = [("the number of epochs", epochs), ("the batch size", batchSize), ("the least count", minimumCount)]
    for (name, count) in counts where count < 1 { return "\(name) is at least 1, not \(count)" }
    if patience < 0 { return "the patience is at least 0, not \(patience)" }
    if !(learningRate > 0 && learningRate.isFinite) {
      return "the learning rate is a number above 0, not \(learningRate)"
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      return "the weight decay is a number of at least 0, not \(weightDecay)"
    }
    return nil
  }
}
