public import EbbExecution
internal import EbbRecording
internal import EbbTensors
public import EbbTraining

/// Trains a text classifier, and keeps the weights that were best on held-out texts.
///
/// ```swift
/// let trainer = try TextClassifierTrainer(LabelledTexts(contentsOf: "reviews.tsv"))
/// _ = try trainer.train()
/// print(try trainer.model().classify("a film to remember").name)
/// ```
public final class TextClassifierTrainer {
  /// The network, its words and classes.
  public var configuration: TextClassifier.Configuration { data.configuration }
  /// How it is trained.
  public var training: ClassifierSettings { data.training }
  /// The trainer of the network.
  public let trainer: Trainer
  private let data: ClassifierData
  private let stopping: EarlyStopping

  /// - Parameters:
  ///   - texts: The texts for training; a part is held out for early stopping, according to `training`.
  ///   - classes: The names of the labels 0, 1, ….
  ///   - network: The cell, its sizes, the pooling and the rates of dropout.
  ///   - training: How long and how fast it is trained, and which texts are held out.
  ///   - adam: β₁, β₂, ε and AMSGrad of AdamW; its rate and decay are those of `training`.
  ///   - options: Threads, instruction set and memory limits.
  /// - Throws: `TrainingError` if a setting is invalid, there are too few texts, or one is empty.
  public convenience init(
    _ texts: LabelledTexts, classes: [String] = ["negative", "positive"],
    network: ClassifierNetwork = ClassifierNetwork(), training: ClassifierSettings = ClassifierSettings(),
    adam: Adam = Adam(), options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    try self.init(
      ClassifierData(texts, classes: classes, network: network, training: training), adam: adam,
      options: options)
  }

  package init(
    _ data: ClassifierData, adam: Adam = Adam(), options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    self.data = data
    let training = data.training
    stopping = EarlyStopping(patience: training.patience)
    var optimizer = AdamW(decay: training.weightDecay)
    optimizer.adam = adam
    optimizer.learningRate = training.learningRate
    trainer = try Trainer(
      try data.recording(),
      optimizer: optimizer,
      clipping: training.clipping, groups: [ParameterGroup("*.bias", weightDecay: WeightDecay.none)],
      averaging: .exponential(decay: training.averaging), seed: training.seed, options: options)
  }

  /// All steps that training takes at most.
  public var steps: Int { data.steps }

  /// Trains up to the last epoch, or until the held-out loss has stopped falling. All calls form one training: after a
  /// restored checkpoint or a stopped call, it continues to the same bits.
  ///
  /// - Parameter progress: Called after each step with the last evaluation; may save a checkpoint or stop the training.
  public func train(
    progress: (TrainingProgress, ClassifierEvaluation?) throws(TrainingError) -> LoopControl = { _, _ in .continue }
  ) throws(TrainingError) -> ClassifierTrainingResult {
    let batchesPerEpoch = data.loader.order.batchesPerEpoch
    let (run, evaluations) = try trainer.train(
      allSteps: isAtEnd ? 0 : steps, recentSteps: batchesPerEpoch, schedule: .constant(training.learningRate),
      isBracketed: false, isDue: { $0 % batchesPerEpoch == 0 }, isEnd: { _ in isAtEnd },
      evaluate: { recentLoss, _ throws(TrainingError) in
        // The averaged weights are evaluated, and kept if they are the best so far.
        let score = try self.score(data.heldOut, parameters: try trainer.parameters(.averaged))
        try trainer.observe(score.loss, stopping, with: .averaged)
        return ClassifierEvaluation(
          epoch: trainer.stepCount / batchesPerEpoch, trainingLoss: recentLoss ?? .nan, heldOut: score)
      },
      batch: { number throws(TrainingError) in data.loader.batch(number) }, progress: progress)
    return ClassifierTrainingResult(
      trainingCount: data.learned.count, heldOutCount: data.heldOut.count, wordCount: configuration.words.count,
      parameterCount: trainer.parameters.values.reduce(0) { $0 + $1.count }, evaluations: evaluations,
      heldOut: try score(data.heldOut, parameters: bestParameters()),
      isInterrupted: run.end == .callback && !isAtEnd && trainer.stepCount < steps, run: run)
  }

  /// Whether the held-out loss has stopped falling.
  public var isAtEnd: Bool { trainer.isOver(stopping) }

  /// The averaged weights that were best on the held-out texts; before the end of the first epoch, the current ones.
  private func bestParameters() throws(TrainingError) -> [String: Tensor] {
    if let best = trainer.state.earlyStopping?.bestParameters { return best }
    return try trainer.parameters(.averaged)
  }

  /// The classifier with the weights that were best on the held-out texts.
  public func model(options: ExecutionOptions = ExecutionOptions()) throws(TrainingError) -> TextClassifier {
    try TextClassifier(configuration, parameters: try bestParameters(), options: options)
  }

  /// The score of the weights that were best on the held-out texts.
  ///
  /// - Throws: `TrainingError.file` if there is no text, or one has an invalid label.
  public func score(_ texts: LabelledTexts) throws(TrainingError) -> ClassifierScore {
    do {
      try texts.check(classes: configuration.classes.count)
      try texts.checkWords()
    } catch {
      throw .file(error)
    }
    return try score(EncodedTexts(texts, configuration.words), parameters: try bestParameters())
  }

  private func score(
    _ texts: EncodedTexts, parameters: [String: Tensor]
  ) throws(TrainingError) -> ClassifierScore {
    var score = ClassifierScore(loss: 0, confusion: ConfusionMatrix(classes: configuration.classes.count))
    for samples in texts.evaluationBatches(of: 128) {
      let batch = texts.batch(of: samples)
      let results = try trainer.evaluate(batch, parameters: parameters)
      guard let logits = results["logits"], let loss = results["loss"], let target = batch["target"] else {
        preconditionFailure("a classifier returns its logits and its loss")
      }
      score.confusion.add(scores: logits, targets: target)
      score.loss += loss.doubles[0] * Double(samples.count) / Double(texts.count)
    }
    return score
  }
}
