public import EbbMarkup
public import EbbReport
internal import EbbTensors
public import EbbTraining
internal import Foundation

/// The result of training a language model.
public struct TextTrainingResult: Hashable, Sendable {
  /// How the training loop went.
  public var run: TrainingRun
  /// The mean cross entropy of the held-out tokens in nats, after the last step.
  public var heldOutLoss: Double
  /// The lowest one measured during training.
  public var bestHeldOutLoss: Double?
  /// The kind of token.
  public var tokenKind: Vocabulary.TokenKind
  /// The fraction of the held-out tokens that are not in the vocabulary.
  public var unknownFraction: Double
}

extension TextTrainingResult {
  /// The name of a token.
  package var token: String {
    switch tokenKind {
    case .characters: "character"
    case .words: "word"
    }
  }

  /// The held-out loss of the saved parameters.
  package var best: Double { bestHeldOutLoss.map { min($0, heldOutLoss) } ?? heldOutLoss }

  /// The averaged training loss and the held-out loss during training.
  public func lossChart(_ trainer: TextTrainer) -> Chart {
    let first = trainer.trainer.stepCount - run.losses.count
    // A mean over enough steps that the points fit a terminal's columns.
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
      "tokens": .string(tokenKind.rawValue), "vocabulary": .integer(trainer.vocabulary.count),
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

/// Interpretations of a mean cross entropy in nats.
public enum LanguageMeasures {
  /// eᴸ: the number of equally likely tokens with the same uncertainty.
  public static func perplexity(_ loss: Double) -> Double { exp(loss) }
  /// L / ln 2: bits a token.
  public static func bits(_ loss: Double) -> Double { loss / log(2) }
}
