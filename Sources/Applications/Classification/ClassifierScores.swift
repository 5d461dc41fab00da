package import EbbMarkup
package import EbbReport
internal import EbbTraining

/// The scores of a trained classifier on several sets of texts, in words and as JSON.
package struct ClassifierScores {
  private let result: ClassifierTrainingResult
  /// The scores of the kept model, by the name of the texts.
  private let scores: [(name: String, score: ClassifierScore)]
  private let classes: [String]

  package init(_ result: ClassifierTrainingResult, scores: [(name: String, score: ClassifierScore)], classes: [String])
  {
    (self.result, self.scores, self.classes) = (result, scores, classes)
  }

  /// The numbers of texts, words and parameters, the scores, and the confusion of the last texts.
  package func text(_ style: TerminalStyle) -> String {
    var lines = [
      "\(result.trainingCount) texts to train on, \(result.heldOutCount) held out; \(result.wordCount) words, "
        + "\(result.parameterCount) parameters; \(result.evaluations.count) epochs", "",
    ]
    let table = DataTable(
      "Scores",
      columns: [
        .text("texts", scores.map(\.name)),
        .numbers("count", scores.map { Double($0.score.confusion.count) }),
        .numbers("right", unit: "%", format: .fixed(2), scores.map { 100 * $0.score.accuracy }),
        .numbers("F1", format: .fixed(4), scores.map(\.score.f1)),
        .numbers("loss", format: .fixed(4), scores.map(\.score.loss)),
      ])
    lines.append(table.terminal(style))
    if let last = scores.last { lines += [confusionTable(last.name, last.score).terminal(style)] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A row for each class, with the predictions for its texts.
  private func confusionTable(_ name: String, _ score: ClassifierScore) -> DataTable {
    let columns = classes.indices.map { prediction in
      DataTable.Column.numbers(
        "taken for \(classes[prediction])",
        classes.indices.map { Double(score.confusion[target: $0, prediction: prediction]) })
    }
    return DataTable("Confusion, \(name)", columns: [.text("label", classes)] + columns)
  }

  /// Every number, for files and other programs.
  package var json: JSONValue {
    [
      "trainingCount": .integer(result.trainingCount), "heldOutCount": .integer(result.heldOutCount),
      "wordCount": .integer(result.wordCount), "parameterCount": .integer(result.parameterCount),
      "firstStep": .integer(result.run.firstStep), "losses": .numbers(result.run.losses),
      "stepsPerSecond": .number(result.run.stepsPerSecond),
      "evaluations": .array(
        result.evaluations.map {
          [
            "epoch": .integer($0.epoch), "trainingLoss": .number($0.trainingLoss), "heldOut": $0.heldOut.json,
          ]
        }),
      "scores": .object(JSONObject(scores.map { ($0.name, $0.score.json) })),
    ]
  }
}

extension ClassifierScore {
  fileprivate var json: JSONValue {
    let classes = 0..<confusion.classes
    return [
      "count": .integer(confusion.count), "accuracy": .number(accuracy), "f1": .number(f1), "loss": .number(loss),
      "confusion": .array(
        classes.map { target in .array(classes.map { .integer(confusion[target: target, prediction: $0]) }) }),
    ]
  }
}
