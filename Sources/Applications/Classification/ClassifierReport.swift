public import EbbTraining

/// How good a classifier is on some texts.
public struct ClassifierScore: Hashable, Sendable {
  /// The mean of −log p(label), in nats.
  public var loss: Double
  public var confusion: ConfusionMatrix
  public var accuracy: Double { confusion.accuracy }
  /// The mean of the classes' F₁.
  public var f1: Double { confusion.macroF1 }
}

/// The score on the held-out texts after an epoch.
public struct ClassifierEvaluation: Hashable, Sendable {
  /// How many epochs were done.
  public var epoch: Int
  /// The mean loss of the epoch's last steps, with dropout.
  public var trainingLoss: Double
  public var heldOut: ClassifierScore
}

/// What came of training a text classifier.
public struct ClassifierReport: Hashable, Sendable {
  public var trainingCount: Int
  public var heldOutCount: Int
  public var wordCount: Int
  public var parameterCount: Int
  /// After each epoch of this call.
  public var evaluations: [ClassifierEvaluation]
  /// The score of the weights that were kept, on the held-out texts.
  public var heldOut: ClassifierScore
  /// Whether training was stopped by the callback before its end.
  public var isInterrupted: Bool
  public var run: TrainingRun
}
