internal import EbbReport
internal import EbbTraining

extension ForecastReport {
  /// The training and its outcome on one page.
  func page(cell: String, units: Int, source: String, _ settings: ForecastSettings) -> HTMLReport {
    let horizon = walkForward.horizon
    let ahead = horizon == 1 ? "one step" : "\(horizon) steps"
    return HTMLReport(
      title: "Forecasts of \(target)",
      lead: """
        \(cell) with \(units) units was trained on the first \(trainingCount) rows of \(source) and forecasts \
        \(target) \(ahead) ahead, from every row of the \(heldOutCount) that were held out.
        """,
      findings: verdicts.map { $0 + "." },
      sections: [
        .init(
          "Forecasts",
          [
            .chart(
              forecastChart(cell: cell),
              caption: "Every forecast reads only what lies before it. A forecast that follows the values one step "
                + "late has learned little more than that nothing changes."),
            .chart(errorChart(cell: cell), caption: "Root mean squared errors over all origins."),
            .table(
              errorTable(),
              caption: "MASE: the mean absolute error in units of the naive forecast's on the rows to train on. z: how "
                + "clearly the squared errors are less than those of the better baseline, in standard deviations."),
          ]),
        .init(
          "Training",
          [
            .chart(trainingChart, caption: "The held-out values decide nothing: they are only looked at."),
            .chart(
              gradientChart(cell: cell), caption: "How much each step of the window counts, before and after."),
          ]),
      ],
      details: [
        .init("file", source), .init("window", "\(settings.window)"), .init("reads", settings.input.rawValue),
        .init("steps", "\(evaluations.last?.step ?? 0)"), .init("seed", "\(settings.seed)"),
      ])
  }

  /// Every number, for files and other programs.
  func json(cell: String, units: Int) -> JSONValue {
    func norms(_ values: [String: [Double]]) -> JSONValue {
      var object = JSONObject()
      for (name, numbers) in values.sorted(by: { $0.key < $1.key }) { object[name] = .numbers(numbers) }
      return .object(object)
    }
    func errors(_ metrics: RegressionMetrics, _ method: WalkForward.Method) -> JSONValue {
      [
        "MAE": .number(metrics.meanAbsoluteError), "RMSE": .number(metrics.rootMeanSquaredError),
        "R2": .number(metrics.determination), "MASE": .number(method.scaledError(metrics)),
      ]
    }
    let methods = walkForward.methods.map { method -> JSONValue in
      [
        "name": .string(method.name), "all": errors(method.total, method),
        "stepsAhead": .array(method.steps.map { errors($0, method) }),
        "forecasts": .array(method.forecasts.map { .numbers($0) }),
      ]
    }
    return [
      "cell": .string(cell), "units": .integer(units), "target": .string(target),
      "trainingCount": .integer(trainingCount), "heldOutCount": .integer(heldOutCount),
      "horizon": .integer(walkForward.horizon), "heldOutError": .number(heldOutError),
      "persistenceError": .number(persistenceError), "beatsPersistence": .bool(beatsPersistence),
      "keptStep": keptStep.map { .integer($0) } ?? .null, "stepsPerSecond": .number(run.stepsPerSecond),
      "losses": .numbers(run.losses),
      "evaluations": .array(
        evaluations.map {
          [
            "step": .integer($0.step), "trainingLoss": .number($0.trainingLoss),
            "validationLoss": .number($0.validationLoss), "heldOutError": .number($0.heldOutError),
          ]
        }),
      "gradientNormsBefore": norms(gradientNormsBefore), "gradientNormsAfter": norms(gradientNormsAfter),
      "firstOrigin": .integer(walkForward.origins.lowerBound + 1),
      "heldOutValues": .array(walkForward.actual.map { .numbers($0) }), "methods": .array(methods),
    ]
  }
}
