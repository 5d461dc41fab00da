public import EbbMarkup
public import EbbReport
internal import EbbTraining

extension ForecastTrainingResult {
  /// The training and its result on one page.
  public func page(cell: String, units: Int, source: String, _ settings: ForecastSettings) -> HTMLReport {
    let horizon = walkForward.horizon
    let ahead = horizon == 1 ? "one step" : "\(horizon) steps"
    return HTMLReport(
      title: "Forecasts of \(target)", name: "forecast \(target)",
      lead: """
        \(cell) with \(units) units was trained on the first \(trainingCount) rows of \(source) and forecasts \
        \(target) \(ahead) ahead, from every row of the \(heldOutCount) that were held out.
        """,
      findings: verdicts.map { $0 + "." } + remarks.map { "Note: \($0)." },
      sections: [
        .init(
          "Forecasts",
          forecastCharts(cell: cell).enumerated().map { index, chart in
            .chart(chart, caption: index == 0 ? forecastCaption + bandCaption : "On the same axes.")
          } + [
            .chart(
              nextChart(cell: cell),
              caption:
                "The forecast after the last row. Its band has the errors that forecasts so many steps ahead had "
                + "on the held-out values; it holds if the series goes on as it was there."),
            .chart(errorChart(cell: cell), caption: "Root mean squared errors over all origins."),
            .table(
              errorTable(),
              caption: "MASE: the mean absolute error in units of the naive forecast's on the rows to train on. t: how "
                + "clearly the squared errors are less than those of the better baseline. p: how probably one of all "
                + "comparisons would be as clear by chance. Empty: no meaning, or too few forecasts to tell."),
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

  private var forecastCaption: String {
    "Every forecast reads only what lies before it. A forecast that follows the values one step late has learned little "
      + "more than that nothing changes."
  }

  private var bandCaption: String {
    walkForward.errorBand(stepsAhead: 1) == nil
      ? ""
      : " A band holds 80% of the errors: from the 10% to the 90% quantile of value − forecast, over all held-out forecasts so "
        + "many steps ahead."
  }

  /// Every number, for files and other programs.
  public func json(cell: String, units: Int) -> JSONValue {
    func norms(_ values: [String: [Double]]) -> JSONValue {
      .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, .numbers($0.value)) }))
    }
    // Null means that a number is undefined here.
    func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
    func errors(_ metrics: RegressionMetrics, _ method: WalkForward.Method) -> JSONObject {
      var object = JSONObject()
      object["MAE"] = .number(metrics.meanAbsoluteError)
      object["RMSE"] = .number(metrics.rootMeanSquaredError)
      object["R2"] = number(metrics.determination)
      object["MASE"] = number(method.scaledError(metrics))
      return object
    }
    /// For a baseline also the comparison with the network.
    func errors(_ method: WalkForward.Method, stepsAhead: Int) -> JSONValue {
      var object = errors(method.steps[stepsAhead - 1], method)
      guard method.name != walkForward.model.name else { return .object(object) }
      let comparison = walkForward.comparison(with: method, stepsAhead: stepsAhead)
      object["t"] = number(comparison?.statistic)
      object["degreesOfFreedom"] = comparison.map { .integer($0.degreesOfFreedom) } ?? .null
      object["p"] = number(comparison?.probability)
      return .object(object)
    }
    let methods = walkForward.methods.map { method -> JSONValue in
      [
        "name": .string(method.name), "all": .object(errors(method.total, method)),
        "stepsAhead": .array((1...walkForward.horizon).map { errors(method, stepsAhead: $0) }),
        "forecasts": .array(method.forecasts.map { .numbers($0) }),
      ]
    }
    return [
      "cell": .string(cell), "units": .integer(units), "target": .string(target),
      "trainingCount": .integer(trainingCount), "heldOutCount": .integer(heldOutCount),
      "horizon": .integer(walkForward.horizon), "heldOutError": .number(heldOutError),
      "persistenceError": .number(persistenceError), "beatsPersistence": .bool(beatsPersistence),
      "remarks": .array(remarks.map { .string($0) }), "keptStep": keptStep.map { .integer($0) } ?? .null,
      "stepsPerSecond": .number(run.stepsPerSecond),
      "firstStep": .integer(run.firstStep), "losses": .numbers(run.losses),
      "evaluations": .array(
        evaluations.map {
          [
            "step": .integer($0.step), "trainingLoss": number($0.trainingLoss),
            "validationLoss": number($0.validationLoss), "heldOutError": .number($0.heldOutError),
          ]
        }),
      "gradientNormsBefore": norms(gradientNormsBefore), "gradientNormsAfter": norms(gradientNormsAfter),
      "firstOrigin": .integer(walkForward.origins.lowerBound + 1),
      "heldOutValues": .array(walkForward.actual.map { .numbers($0) }), "methods": .array(methods),
    ]
  }
}
