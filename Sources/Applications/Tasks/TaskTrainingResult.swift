public import EbbMarkup
public import EbbReport
public import EbbTraining

/// The result of training on a task.
public struct TaskTrainingResult: Hashable, Sendable {
  /// The task's name, with its sizes.
  public var task: String
  /// The result of answers without memory.
  public var baseline: TaskBaseline
  /// When the task counts as solved.
  public var criterion: SuccessCriterion
  /// Before the first step, at each interval and at the end.
  public var evaluations: [TaskEvaluation]
  /// How the training loop went.
  public var run: TrainingRun

  /// The evaluation at the end of training.
  public var final: TaskEvaluation { evaluations[evaluations.count - 1] }
  /// The number of steps until the criterion was first met; nil if it never was.
  public var solvedAfter: Int? { evaluations.first { criterion.isMet(by: $0) }?.step }
  /// Whether the criterion was met at any test.
  public var isSolved: Bool { solvedAfter != nil }
}

extension TaskTrainingResult {
  /// The loss on new sequences during training, with the baseline's.
  public var lossChart: Chart {
    .line(
      LineChart(
        "Loss on new sequences: \(task)", x: ChartAxis("training step"), y: ChartAxis("loss"),
        series: [ChartSeries("loss", x: evaluations.map { Double($0.step) }, y: evaluations.map(\.loss))],
        references: [ReferenceLine(.y, at: baseline.loss, label: "without memory")]))
  }

  /// Every number, for files and other programs.
  public func json(cell: String, units: Int) -> JSONValue {
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
