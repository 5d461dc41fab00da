internal import EbbApplications
internal import EbbExecution
internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining

/// `ebb sentiment train`: a classifier of reviews from a file of texts and labels.
struct SentimentTrainCommand: Command {
  /// The default path of the model.
  static let standardModel = "sentiment.safetensors"

  let name = "sentiment train"
  let summary = "trains a network to tell whether a text is positive or negative"
  let discussion = """
    FILE has a text, a tab and a label in each line: 0 for negative, 1 for positive, as those of SST-2. A part of it is
    held out; training stops when the loss there has stopped falling, and the mean of the weights that was best there
    is kept. Words are drawn as vectors and learned with the rest: no others are needed.

    What --dev and --test name is never trained or stopped on.
    """
  private static let network = ClassifierNetwork()
  private static let training = ClassifierSettings()
  let options: [Option] =
    [
      Option(positional: "file", "FILE", "the texts to train on"),
      Option("dev", "FILE", "texts to try the model on at the end"),
      Option("test", "FILE", "others"),
      Option("save", "FILE", "where the model is written", standard: standardModel)
        .with(letter: "o", values: .written([.safetensors])),
      Option("kind", "NAME", type(of: network.cell), "of the cells: lstm or gru", standard: network.cell),
      Option("embedding", "FEATURES", "features of a word's vector", standard: "\(network.embedding)"),
      Option("hidden", "UNITS", "units of each direction", standard: "\(network.units)")
        .with(aliases: ["hidden-size"]),
      Option("layers", "COUNT", "layers of both directions", standard: "\(network.layers)"),
      Option("pooling", "WAY", type(of: network.pooling), "last, max, mean or max-mean", standard: network.pooling),
      Option("pool-words", "YES|NO", "pools the words' own vectors too", standard: network.poolsWords ? "yes" : "no"),
      Option("word-dropout", "RATE", "takes words for unknown", standard: "\(network.wordDropout)"),
      Option("embedding-dropout", "RATE", "of the words' vectors", standard: "\(network.embeddingDropout)"),
      Option("recurrent-dropout", "RATE", "of the states", standard: "\(network.recurrentDropout)"),
      Option("dropout", "RATE", "between layers and before the read-out", standard: "\(network.dropout)"),
      Option("epochs", "COUNT", "how often the texts are read at most", standard: "\(training.epochs)"),
      Option("batch", "TEXTS", "texts of a training step", standard: "\(training.batchSize)")
        .with(aliases: ["batch-size"]),
      .rate("the learning rate", standard: "\(training.learningRate)"),
      Option("decay", "FACTOR", "weight decay", standard: "\(training.weightDecay)"),
      Option("averaging", "DECAY", "of the mean of the weights", standard: "\(training.averaging)"),
      Option("held-out", "FRACTION", "the part to stop on", standard: "\(training.heldOutFraction)"),
      Option("patience", "EPOCHS", "how many may be no improvement", standard: "\(training.patience)"),
      Option("minimum-count", "COUNT", "words that are rarer are unknown", standard: "\(training.minimumCount)"),
      SampleOptions.classWeights, SampleOptions.noShuffle("texts"),
    ] + OptimizerOptions.adamOptions + ParameterGradientClipping.options(limit: 1) + TrainingRunner.options
  let absentOptions = [
    "steps": "training ends after so many --epochs, or when the held-out loss has stopped falling",
    "cell": "give --kind lstm or gru",
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let network = try ClassifierNetwork(options)
    let training = try ClassifierSettings(options)
    let adam = try OptimizerOptions.adam(options)
    let texts = try LabelledTexts(contentsOf: try options.required("file"))
    // All files are read before training, so that a wrong name costs no time.
    var trials: [(name: String, texts: LabelledTexts)] = []
    for name in ["dev", "test"] {
      if let path = options.text(name) { trials.append((name, try LabelledTexts(contentsOf: path))) }
    }
    let runner = try TrainingRunner(options, of: self, context)
    context.activity?.begin("reading the texts")
    let data = try ClassifierData(texts, network: network, training: training)
    try announce(data, runner.execution, context)
    context.activity?.begin("training")
    let trainer = try TextClassifierTrainer(data, adam: adam, options: runner.execution)
    try runner.begin(
      trainer.trainer,
      TrainingPlan(steps: trainer.steps, option: "epochs", rateFollowsSteps: false, data: texts.fingerprint),
      page(network, training, try options.required("file")))
    let result = try train(trainer, runner)
    try runner.saveModel(trainer.model().file())
    var scores = [(name: "held out", score: result.heldOut)]
    for trial in trials { scores.append((trial.name, try trainer.score(trial.texts))) }
    let summary = ClassifierScores(result, scores: scores, classes: trainer.configuration.classes)
    context.show(options) { output in
      output.write(summary.text(output.style))
      for line in runner.gradients.lines { output.write(line + "\n") }
    }
    runner.savePage(
      scores.map {
        "\(Self.percent($0.score.accuracy)) of the \($0.score.confusion.count) texts are right: \($0.name)."
      })
    runner.saveNumbers(summary.json)
    return runner.status
  }

  private func page(_ network: ClassifierNetwork, _ training: ClassifierSettings, _ file: String) -> TrainingPage {
    TrainingPage(
      title: "A classifier, trained on \(file)",
      lead: """
        A classifier of the texts of \(file), with \(network.layers) layer\(network.layers == 1 ? "" : "s") of \
        \(network.units) units of `\(network.cell.rawValue)` in each direction, is trained. While it learns, the gradient \
        of its loss is followed back through the words of the texts of a training step.
        """,
      details: [
        .init("texts", file), .init("cell", network.cell.rawValue), .init("layers", "\(network.layers)"),
        .init("units", "\(network.units)"), .init("pooling", network.pooling.rawValue),
        .init("texts of a step", "\(training.batchSize)"), .init("seed", "\(training.seed)"),
      ])
  }

  /// Reports the cost of a large training: memory for the longest text, time for one of mean length.
  private func announce(_ data: ClassifierData, _ execution: ExecutionOptions, _ context: CommandContext) throws {
    guard
      var estimate = try? WorkEstimate(
        of: data.recording(), lengths: ["t": data.longest, "b": data.batchSize], execution: execution)
    else { return }
    estimate.operations *= data.meanLength / Double(data.longest)
    let network = data.configuration.network
    let sizes = WorkSizes(
      length: data.longest, batch: data.batchSize, features: network.embedding, units: network.units,
      steps: data.steps)
    try context.announce("sentiment", estimate, sizes, lengthName: nil)
  }

  private func train(_ trainer: TextClassifierTrainer, _ runner: TrainingRunner) throws -> ClassifierTrainingResult {
    try runner.train("training") { () throws(TrainingError) in
      try trainer.train { state, evaluation in
        let heldOut = evaluation.map { ", held out \(Self.percent($0.heldOut.accuracy)) right" } ?? ""
        return runner.progress(
          state, note: "loss \(readableNumber(state.recentLoss))\(heldOut)",
          measured: evaluation.map {
            [TrainingPage.heldOutLoss: $0.heldOut.loss, "accuracy/held out": $0.heldOut.accuracy]
          } ?? [:], isAtEnd: trainer.isAtEnd)
      }
    }
  }

  static func percent(_ fraction: Double) -> String { readableNumber(100 * fraction, digits: 4) + "%" }
}

extension ClassifierNetwork {
  /// The network that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    func rate(_ name: String) throws(UsageError) -> Double {
      try options.number(name, "a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 } ?? 0
    }
    self.init(
      embedding: try options.integer("embedding", 1...4096), cell: try options.choice("kind"),
      units: try options.integer("hidden", 1...4096), layers: try options.integer("layers", 1...64),
      pooling: try options.choice("pooling"), poolsWords: try options.choice("pool-words") == Answer.yes,
      wordDropout: try rate("word-dropout"), embeddingDropout: try rate("embedding-dropout"),
      recurrentDropout: try rate("recurrent-dropout"), dropout: try rate("dropout"))
  }

  private enum Answer: String, CaseIterable {
    case yes, no
  }
}

extension ClassifierSettings {
  /// The training that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let averaging = try options.number("averaging", "a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 }
    let fraction = try options.number("held-out", "a fraction between 0 and 1") { $0 > 0 && $0 < 1 }
    self.init(
      epochs: try options.integer("epochs"), batchSize: try options.integer("batch"),
      learningRate: try options.positive("rate") ?? 0,
      weightDecay: try options.number("decay", "a number of at least 0") { $0 >= 0 } ?? 0,
      clipping: try ParameterGradientClipping(options), averaging: averaging ?? 0, heldOutFraction: fraction ?? 0,
      patience: try options.integer("patience", 0...Int(Int32.max)),
      minimumCount: try options.integer("minimum-count"), shuffles: SampleOptions.shuffles(options),
      classWeights: try SampleOptions.classWeights(options), seed: try options.seed())
  }
}
