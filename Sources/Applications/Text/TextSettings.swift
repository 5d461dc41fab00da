internal import EbbTraining

/// The structure of a language model, and its training on a text.
public struct TextSettings: Codable, Hashable, Sendable, EpochSettings {
  // MARK: The network
  /// The kind of token.
  public var tokenKind: Vocabulary.TokenKind
  /// Tokens that occur less often are unknown.
  public var minimumCount: Int
  /// The largest number of tokens; nil for no limit.
  public var vocabularyLimit: Int?
  /// How many recurrent layers there are.
  public var layers: Int
  /// The units of each layer.
  public var units: Int
  /// The length of a token's vector.
  public var embedding: Int
  /// The rate of dropout between layers, in 0 ..< 1.
  public var dropout: Double

  // MARK: The training
  /// The number of training steps. If `epochs` is given, a trainer's settings have the resulting number.
  public var steps: Int
  /// How often all windows of the training text are read, instead of a number of steps.
  public var epochs: Int?
  /// How many streams are read in parallel.
  public var batchSize: Int
  /// k₂: the number of steps through which gradients are backpropagated.
  public var window: Int
  /// k₁: the number of steps to the start of the next window; nil for a whole window.
  public var stride: Int?
  /// The highest learning rate of Adam: reached after a warm-up, then decaying to a hundredth along half a cosine.
  public var learningRate: Double
  /// The largest norm of the gradient.
  public var clip: Double
  /// The last part of the text, on which the model is tested.
  public var heldOutFraction: Double
  /// After how many steps it is tested.
  public var evaluationInterval: Int
  /// Decides the first values and dropout.
  public var seed: UInt64

  /// Settings for a text of a million characters.
  public init(tokenKind: Vocabulary.TokenKind = .characters) {
    self.tokenKind = tokenKind
    (layers, units) = (2, 256)
    (steps, batchSize) = (3600, 64)
    (learningRate, clip) = (0.004, 1)
    (heldOutFraction, evaluationInterval, seed) = (0.1, 250, 1)
    switch tokenKind {
    case .characters:
      (minimumCount, embedding, dropout, window) = (1, 64, 0.2, 100)
    case .words:
      (minimumCount, embedding, dropout, window) = (2, 256, 0.5, 35)
    }
  }

  /// The problem with the settings, and what would be right; nil if there is none.
  var problem: String? {
    let counts = [
      ("layers", layers), ("units", units), ("embedding", embedding), ("steps", steps), ("epochs", epochs ?? 1),
      ("batch", batchSize),
      ("window", window), ("stride", stride ?? 1), ("evaluation interval", evaluationInterval),
      ("minimum count", minimumCount),
    ]
    if let wrong = counts.first(where: { $0.1 < 1 }) { return "\(wrong.0): at least 1, not \(wrong.1)" }
    let largest = Int(Int32.max)
    if let wrong = counts.first(where: { $0.1 > largest }) { return "\(wrong.0): at most \(largest), not \(wrong.1)" }
    if layers > 64 { return "there are at most 64 layers, not \(layers)" }
    if let limit = vocabularyLimit, limit < 2 { return "the vocabulary has at least 2 tokens, not \(limit)" }
    if let stride, stride > window { return "the stride is at most the window, \(window), not \(stride)" }
    if !(dropout >= 0 && dropout < 1) { return "the rate of dropout is in 0 ..< 1, not \(dropout)" }
    if !(heldOutFraction > 0 && heldOutFraction < 1) {
      return "the held-out fraction is between 0 and 1, not \(heldOutFraction)"
    }
    return nil
  }

  var schedule: LearningRateSchedule {
    .warmUp(
      steps: max(1, min(100, steps / 10)),
      then: .cosine(learningRate, to: learningRate / 100, steps: max(1, steps - min(100, steps / 10))))
  }
}
