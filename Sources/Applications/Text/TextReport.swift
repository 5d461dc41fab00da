public import EbbMarkup
public import EbbReport
internal import EbbTensors
public import EbbTraining
internal import Foundation

/// How the training of a language model went.
public struct TextReport: Hashable, Sendable {
  /// How the training loop went.
  public var run: TrainingRun
  /// The mean cross entropy of the held-out tokens in nats, after the last step.
  public var heldOutLoss: Double
  /// The lowest that was measured as training went.
  public var bestHeldOutLoss: Double?
  /// What a token is.
  public var unit: Vocabulary.Unit
  /// The fraction of the held-out tokens that the vocabulary does not have.
  public var unknownFraction: Double
}

extension TextReport {
  /// What a token is called.
  package var token: String {
    switch unit {
    case .characters: "character"
    case .words: "word"
    }
  }

  /// The loss on the held-out part of the parameters that are saved.
  package var best: Double { bestHeldOutLoss.map { min($0, heldOutLoss) } ?? heldOutLoss }

  /// The loss of the training part, in means, and that of the held-out part, as training went.
  public func lossChart(_ trainer: TextTrainer) -> Chart {
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
  public func json(cell: String, _ trainer: TextTrainer) -> JSONValue {
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

/// What a mean cross entropy in nats means.
public enum LanguageMeasures {
  /// eᴸ: among how many equally likely tokens the model would be as uncertain.
  public static func perplexity(_ loss: Double) -> Double { exp(loss) }
  /// L / ln 2: bits a token.
  public static func bits(_ loss: Double) -> Double { loss / log(2) }
}
