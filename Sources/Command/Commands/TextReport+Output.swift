internal import EbbReport
internal import EbbTensors
internal import EbbTraining

extension TextTrainer {
  /// What is trained on what, in one line.
  func introduction(_ cell: String) -> String {
    let kind = settings.unit.rawValue
    let size = trainer.parameters.values.reduce(0) { $0 + $1.count }
    return "\(training.count * training.length) \(kind) to train on, \(heldOut.count * heldOut.length) held out; "
      + "\(vocabulary.count) different ones; \(settings.layers) × \(settings.units) units of \(cell), \(size) parameters; "
      + "\(settings.steps) steps, \(training.batchesPerEpoch) an epoch"
  }
}

extension TextReport {
  private var token: String {
    switch unit {
    case .characters: "character"
    case .words: "word"
    }
  }

  /// The loss on the held-out part of the parameters that are saved.
  var best: Double { bestHeldOutLoss.map { min($0, heldOutLoss) } ?? heldOutLoss }

  /// The results in words.
  func lines(_ path: String, _ program: String) -> String {
    var text = """
      held out: \(readableNumber(best, digits: 4)) nats a \(token), \
      \(readableNumber(LanguageMeasures.bits(best), digits: 4)) bits a \(token), \
      perplexity \(readableNumber(LanguageMeasures.perplexity(best), digits: 4))

      """
    if unknownFraction > 0 {
      text +=
        "\(readableNumber(100 * unknownFraction))% of the held-out \(token)s are unknown, which counts as one \(token)\n"
    }
    if let skipped = run.skippedText { text += skipped + "\n" }
    return text + "now try: \(program) text complete --model \(path) \"I am going to the\"\n"
  }

  func lossChart(_ trainer: TextTrainer) -> Chart {
    let first = trainer.trainer.state.step - run.losses.count
    // A mean over so many steps that a terminal's columns hold the rest.
    let width = max(1, run.losses.count / 100)
    let means = stride(from: 0, to: run.losses.count, by: width).map { start in
      let part = run.losses[start..<min(start + width, run.losses.count)]
      return (step: Double(first + start + part.count), loss: part.reduce(0, +) / Double(part.count))
    }
    return .line(
      LineChart(
        "Loss of the next \(token)", x: ChartAxis("training step"), y: ChartAxis("nats"),
        series: [
          ChartSeries("training", x: means.map(\.step), y: means.map(\.loss)),
          ChartSeries("held out", x: run.validations.map { Double($0.step) }, y: run.validations.map(\.value)),
        ]))
  }

  /// Every number, for files and other programs.
  func json(cell: String, _ trainer: TextTrainer) -> JSONValue {
    [
      "cell": .string(cell), "layers": .integer(trainer.settings.layers), "units": .integer(trainer.settings.units),
      "tokens": .string(unit.rawValue), "vocabulary": .integer(trainer.vocabulary.count),
      "trainingTokens": .integer(trainer.training.count * trainer.training.length),
      "heldOutTokens": .integer(trainer.heldOut.count * trainer.heldOut.length),
      "unknownFraction": .number(unknownFraction), "heldOutLoss": .number(heldOutLoss),
      "bestHeldOutLoss": .number(bestHeldOutLoss ?? heldOutLoss),
      "bitsPerToken": .number(LanguageMeasures.bits(heldOutLoss)),
      "perplexity": .number(LanguageMeasures.perplexity(heldOutLoss)),
      "stepsPerSecond": .number(run.stepsPerSecond), "firstStep": .integer(run.firstStep),
      "losses": .numbers(run.losses),
      "evaluations": .array(
        run.validations.map { ["step": .integer($0.step), "heldOutLoss": .number($0.value)] }),
    ]
  }
}
