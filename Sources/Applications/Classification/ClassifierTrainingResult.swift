public import EbbTraining

/// The score of a classifier on some texts.
public struct ClassifierScore: Codable, Hashable, Sendable {
  /// The mean of −log p(label), in nats.
  public var loss: Double
  /// How often each class was predicted for each other.
  public var confusion: ConfusionMatrix
  /// The fraction of correctly classified texts.
  public var accuracy: Double { confusion.accuracy }
  /// The mean of the classes' F₁.
  public var f1: Double { confusion.macroF1 }
}

/// The score on the held-out texts after an epoch.
public struct ClassifierEvaluation: Codable, Hashable, Sendable {
  /// How many epochs were done.
  public var epoch: Int
  /// The mean loss of the epoch's last steps, with dropout.
  public var trainingLoss: Double
  /// The score on the held-out texts.
  public var heldOut: ClassifierScore
}

/// The result of training a text classifier.
public struct ClassifierTrainingResult: Hashable, Sendable {
  /// How many texts were trained on.
  public var trainingCount: Int
  /// How many texts were held out.
  public var heldOutCount: Int
  /// How many words the model knows.
  public var wordCount: Int
  /// How many numbers the network has.
  public var parameterCount: Int
  /// After each epoch.
  public var evaluations: [ClassifierEvaluation]
  /// The score of the kept weights on the held-out texts.
  public var heldOut: ClassifierScore
  /// Whether training was stopped by the callback before its end.
  public var isInterrupted: Bool
  /// How the training loop went.
  public var run: TrainingRun
}
