internal import EbbReport
internal import EbbTraining

extension TaskReport {
  /// The loss on sequences that were not trained on as training went, beside that of the baseline.
  var lossChart: Chart {
    .line(
      LineChart(
        "Loss on new sequences: \(task)", x: ChartAxis("training step"), y: ChartAxis("loss"),
        series: [ChartSeries("loss", x: evaluations.map { Double($0.step) }, y: evaluations.map(\.loss))],
        references: [ReferenceLine(.y, at: baseline.loss, label: "without memory")]))
  }

  /// Every number, for files and other programs.
  func json(cell: String, units: Int) -> JSONValue {
    [
      "cell": .string(cell), "units": .integer(units), "task": .string(task), "isSolved": .bool(isSolved),
      "solvedAfter": solvedAfter.map { .integer($0) } ?? .null, "criterion": .string(criterion.description),
      "baselineLoss": .number(baseline.loss), "baselineAccuracy": .number(baseline.accuracy),
      "stepsPerSecond": .number(run.stepsPerSecond), "skippedSteps": .integer(run.skippedSteps),
      "firstStep": .integer(run.firstStep), "losses": .numbers(run.losses),
      "evaluations": .array(
        evaluations.map {
          [
            "step": .integer($0.step), "loss": .number($0.loss), "accuracy": .number($0.accuracy),
            "wrongSequences": .number($0.wrongSequences), "sequences": .integer($0.sequences),
          ]
        }),
    ]
  }
}
