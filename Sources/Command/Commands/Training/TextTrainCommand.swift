internal import EbbApplications
internal import EbbExecution
internal import EbbRanks
internal import EbbRecording
internal import EbbReport
internal import EbbTensors
internal import EbbTraining

/// `ebb text train`: a language model of characters or words, from a text file.
struct TextTrainCommand: Command {
  let name = "text train"
  let summary = "trains a cell to tell the next character or word of a text"
  let discussion = """
    The last part of the text is held out, and the model is tested on it as training goes. What is saved are the
    parameters that were best there. Gradients go back over a window of the text; the states go on from window to window.
    See text complete for what to do with the model.
    """
  /// Where models are saved and looked for.
  static let standardModel = "ebb-text.safetensors"
  private static let characters = TextSettings(tokenKind: .characters)
  private static let words = TextSettings(tokenKind: .words)
  let options: [Option] =
    [
      Option(positional: "file", "FILE", "the text, in UTF-8"),
      Option(flag: "words", "words and punctuation instead of characters"),
      .cell, .given,
      Option("layers", "COUNT", "cells one upon the other", standard: "\(characters.layers)"),
      .hidden(characters.units),
      Option("embedding", "LENGTH", "of a token's vector (\(characters.embedding), of words \(words.embedding))"),
      Option("dropout", "RATE", "dropout between layers (\(characters.dropout), of words \(words.dropout))"),
      Option(
        "minimum-count", "COUNT",
        "rarer tokens are unknown (\(characters.minimumCount), of words \(words.minimumCount))"),
      Option("vocabulary", "TOKENS", "the largest number of tokens; rarer ones are unknown"),
      Option("steps", "COUNT", "training steps", standard: "\(characters.steps)"),
      Option("epochs", "COUNT", "how often all windows are read, instead of --steps"),
      .batch(characters.batchSize),
      Option(
        "window", "STEPS", "over how many tokens gradients go back (\(characters.window), of words \(words.window))"),
      Option("stride", "STEPS", "after how many tokens the next window begins (a window)"),
      .rate("the highest learning rate; it falls to a hundredth", standard: "\(characters.learningRate)"),
    ] + RankedTraining.options + OptimizerOptions.adamOptions
    + ParameterGradientClipping.options(limit: characters.clip) + [
      Option("held-out", "FRACTION", "the last part, for the test", standard: "\(characters.heldOutFraction)"),
      Option("save", "FILE", "where the model is written", standard: standardModel)
        .with(letter: "o", values: .written([.safetensors])),
    ] + TrainingRunner.options
  let absentOptions = SampleOptions.absent(
    "windows always follow each other in the order of the text", classes: "all tokens of a text count alike")

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    try RankedTraining.run(options, context, train)
  }

  /// The training, by this process or by several.
  private func train(_ options: ParsedOptions, _ context: CommandContext, _ group: any RankGroup) throws -> Int32 {
    let settings = try TextSettings(options)
    let name = options.cellName(of: context.cells)
    let make = try context.cells.factory(name)
    var sizes = WorkSizes(
      length: settings.window, batch: settings.batchSize, features: settings.embedding, units: settings.units,
      layers: settings.layers, steps: settings.epochs == nil ? settings.steps : 1)
    try options.check(sizes)
    let path = try options.required("save")
    let runner = try TrainingRunner(options, of: self, context)
    sizes.execution = runner.execution
    try context.announce(name, make(settings.units), sizes, lengthName: "--window")
    context.activity?.begin("reading the text")
    let trainer = try Self.trainer(
      of: try options.required("file"), settings, try ParameterGradientClipping(options),
      try OptimizerOptions.adam(options), runner.execution, context.output, cell: make)
    trainer.trainer.sharding = try RankedTraining.sharding(options, group)
    // All logits of a batch are one value.
    (sizes.features, sizes.units) = (trainer.vocabulary.count, 0)
    try options.check(sizes)
    try runner.begin(
      trainer.trainer,
      TrainingPlan(
        steps: trainer.settings.steps, option: settings.epochs == nil ? "steps" : "epochs", rateFollowsSteps: true,
        data: trainer.dataFingerprint),
      page(trainer, name, try options.required("file")))
    context.output.writeError(trainer.introduction(name) + "\n")
    context.activity?.begin("training \(name)")
    let result = try train(trainer, name, runner)
    guard result.best.isFinite else {
      throw TrainingError.setting(
        "the loss on the held-out part is not finite, and \(result.run.skippedSteps) of \(result.run.losses.count) steps "
          + "had gradients that were not; nothing is saved in \(path). Take a smaller --rate")
    }
    try runner.saveModel(trainer.model(best: true, cell: name).file())
    context.show(options) { output in
      output.write(result.lossChart(trainer).terminal(output.style, rows: 10) + "\n")
      for line in result.lines + runner.gradients.lines { output.write(line + "\n") }
      output.write("now try: \(context.program) text complete --model \(path) \"I am going to the\"\n")
    }
    runner.savePage(result.lines.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." })
    runner.saveNumbers(result.json(cell: name, trainer))
    return runner.status
  }

  private func page(_ trainer: TextTrainer, _ name: String, _ file: String) -> TrainingPage {
    let settings = trainer.settings
    return TrainingPage(
      title: "\(name), trained on \(file)",
      lead: """
        A model of the \(settings.tokenKind.rawValue) of \(file), \(settings.layers) × \(settings.units) units of \
        `\(name)`, is trained on windows of \(settings.window) steps. States go on from window to window, gradients end \
        there. While it learns, the gradient of its loss is followed back through the window of a training step.
        """,
      details: [
        .init("text", file), .init("cell", name), .init("layers", "\(settings.layers)"),
        .init("units", "\(settings.units)"), .init("window", "\(settings.window)"),
        .init("samples of a step", "\(settings.batchSize)"), .init("seed", "\(settings.seed)"),
      ])
  }

  /// Reads the text, with a progress line.
  private static func trainer(
    of path: String, _ settings: TextSettings, _ clipping: ParameterGradientClipping, _ adam: Adam,
    _ execution: ExecutionOptions,
    _ output: CommandOutput,
    cell: @escaping (Int) -> any RecurrentCell
  ) throws -> TextTrainer {
    var line = output.progressLine(path, total: 100, unit: "%")
    defer { line.clear() }
    // Four passes over the text: reading, measuring, counting and encoding.
    let work = ["reading", "measuring", "counting", "encoding"]
    func show(_ name: String, _ fraction: Double) {
      let done = Double(work.firstIndex(of: name) ?? 0) + fraction
      line.update(Int(100 * done / Double(work.count)), note: name)
    }
    let text = try TextFile(contentsOf: path) { show("reading", $0) }
    return try TextTrainer(
      text, settings: settings, clipping: clipping, adam: adam, options: execution, progress: show, cell: cell)
  }

  private func train(_ trainer: TextTrainer, _ name: String, _ runner: TrainingRunner) throws -> TextTrainingResult {
    try runner.train(name) { () throws(TrainingError) in
      try trainer.train { state in
        let test = state.validation.map { ", test \(readableNumber($0.value))" } ?? ""
        let isNew = state.validation?.step == trainer.trainer.stepCount
        return runner.progress(
          state, note: "loss \(readableNumber(state.recentLoss))\(test)",
          measured: isNew ? [TrainingPage.heldOutLoss: state.validation?.value ?? .nan] : [:])
      }
    }
  }
}

extension TextSettings {
  /// The settings that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    self.init(tokenKind: options.isGiven("words") ? .words : .characters)
    layers = try options.integer("layers", 1...64)
    units = try options.integer("hidden")
    embedding = try options.optionalInteger("embedding") ?? embedding
    dropout = try options.number("dropout", "a rate in 0 ..< 1") { $0 >= 0 && $0 < 1 } ?? dropout
    minimumCount = try options.optionalInteger("minimum-count") ?? minimumCount
    vocabularyLimit = try options.optionalInteger("vocabulary", 2...Int(Int32.max))
    steps = try options.integer("steps")
    epochs = try options.epochs()
    batchSize = try options.integer("batch")
    window = try options.optionalInteger("window") ?? window
    stride = try options.optionalInteger("stride", 1...window)
    learningRate = try options.positive("rate") ?? learningRate
    if options.text("clip") != "none" { clip = try options.positive("clip") ?? clip }
    heldOutFraction = try options.number("held-out", "a fraction between 0 and 1") { $0 > 0 && $0 < 1 } ?? 0
    evaluationInterval = max(1, min(evaluationInterval, steps / 10))
    seed = try options.seed()
  }
}

extension TextTrainer {
  /// The model and its training data, in one line.
  func introduction(_ cell: String) -> String {
    let kind = settings.tokenKind.rawValue
    let size = trainer.parameters.values.reduce(0) { $0 + $1.count }
    return "\(training.count * training.length) \(kind) to train on, \(heldOut.count * heldOut.length) held out; "
      + "\(vocabulary.count) different ones; \(settings.layers) × \(settings.units) units of \(cell), \(size) parameters; "
      + "\(settings.steps) steps, \(training.batchesPerEpoch) an epoch"
  }
}

extension TextTrainingResult {
  /// The results in words.
  var lines: [String] {
    var lines = [
      """
      held out: \(readableNumber(best, digits: 4)) nats a \(token), \
      \(readableNumber(LanguageMeasures.bits(best), digits: 4)) bits a \(token), \
      perplexity \(readableNumber(LanguageMeasures.perplexity(best), digits: 4))
      """
    ]
    if unknownFraction > 0 {
      lines.append(
        "\(readableNumber(100 * unknownFraction))% of the held-out \(token)s are unknown, which counts as one \(token)")
    }
    if let skipped = run.skippedText { lines.append(skipped) }
    return lines
  }
}
