internal import EbbReport
internal import EbbTraining

/// What a forecaster's training is shown as.
extension ForecastReport {
  /// The held-out values, and what was forecast for them one step and all steps ahead.
  ///
  /// - Parameter last: How many of the last forecasts are drawn; nil for all.
  func forecastChart(cell: String, last: Int? = nil) -> Chart {
    let origins = walkForward.origins
    let first = last.map { max(origins.lowerBound, origins.upperBound - $0) } ?? origins.lowerBound
    func series(_ name: String, _ rows: [[Double]], ahead: Int) -> ChartSeries {
      let kept = rows[(first - origins.lowerBound)...]
      // Rows are counted from 1.
      return ChartSeries(name, kept.map { $0[ahead - 1] }, first: Double(first + ahead + 1))
    }
    let horizon = walkForward.horizon
    var all = [
      series("held out", walkForward.actual, ahead: 1),
      series(horizon == 1 ? cell : "1 step ahead", walkForward.model.forecasts, ahead: 1),
    ]
    if horizon > 1 { all.append(series("\(horizon) steps ahead", walkForward.model.forecasts, ahead: horizon)) }
    return .line(
      LineChart(
        "\(target) and what \(cell) forecast", x: ChartAxis("row"), y: ChartAxis(target), series: all))
  }

  /// The error for each number of steps ahead, of the network and of the baselines.
  func errorChart(cell: String) -> Chart {
    .line(
      LineChart(
        "Error by the number of steps ahead", x: ChartAxis("steps ahead"), y: ChartAxis("RMSE"),
        series: walkForward.methods.map { ChartSeries($0.name, $0.steps.map(\.rootMeanSquaredError), first: 1) }))
  }

  /// The held-out error as training went, beside those of the baselines; with validation a line is where the parameters
  /// are from that were kept.
  var trainingChart: Chart {
    .line(
      LineChart(
        "Error on the held-out values of \(target)", x: ChartAxis("training step"), y: ChartAxis("RMSE"),
        series: [
          ChartSeries("held out", x: evaluations.map { Double($0.step) }, y: evaluations.map(\.heldOutError))
        ],
        references: walkForward.baselines.map {
          ReferenceLine(.y, at: $0.total.rootMeanSquaredError, label: $0.name)
        } + (keptStep.map { [ReferenceLine(.x, at: Double($0), label: "kept")] } ?? [])))
  }

  /// The gradient through the window before and after training.
  func gradientChart(cell: String) -> Chart {
    let states = gradientNormsBefore.keys.sorted()
    let series = states.flatMap { state in
      [
        ChartSeries("\(state) before", gradientNormsBefore[state] ?? [], first: 1),
        ChartSeries("\(state) after", gradientNormsAfter[state] ?? [], first: 1),
      ]
    }
    return .line(
      LineChart(
        "Gradient through time of \(cell)", x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: series))
  }

  /// The errors for each number of steps ahead, and of all together.
  ///
  /// - Parameters:
  ///   - mostRows: Numbers of steps are left out evenly if there are more; nil for all.
  ///   - isNarrow: Whether the baselines' absolute errors are left out.
  func errorTable(mostRows: Int? = nil, isNarrow: Bool = false) -> DataTable {
    let horizon = walkForward.horizon
    let most = min(mostRows ?? horizon, horizon)
    // The first and the last number are always there.
    let shown = most < 2 ? [1] : (0..<most).map { 1 + $0 * (horizon - 1) / (most - 1) }
    typealias Error = (RegressionMetrics) -> Double
    func column(_ name: String, _ method: WalkForward.Method, _ error: Error) -> DataTable.Column {
      let numbers = shown.map { error(method.steps[$0 - 1]) } + (horizon > 1 ? [error(method.total)] : [])
      return .numbers(name, numbers)
    }
    let methods = walkForward.methods
    let model = walkForward.model
    let clarity = shown.map { DataTable.Cell.number(advantage(stepsAhead: $0)) } + (horizon > 1 ? [.missing] : [])
    return DataTable(
      "Errors by the number of steps ahead",
      columns: [.text("ahead", shown.map { "\($0)" } + (horizon > 1 ? ["all"] : []))]
        + methods.map { column("RMSE \($0.name)", $0, \.rootMeanSquaredError) }
        + methods.prefix(isNarrow ? 1 : methods.count).map { column("MAE \($0.name)", $0, \.meanAbsoluteError) }
        + [
          column("R²", model, \.determination), column("MASE", model, model.scaledError),
          DataTable.Column("z", format: .fixed(1), cells: clarity),
        ])
  }

  /// How clearly the network is better than the better one of the baselines so many steps ahead.
  private func advantage(stepsAhead: Int) -> Double {
    func error(_ method: WalkForward.Method) -> Double { method.steps[stepsAhead - 1].meanSquaredError }
    let best = walkForward.baselines.min { error($0) < error($1) } ?? walkForward.persistence
    return walkForward.advantage(over: best, stepsAhead: stepsAhead)
  }

  /// One sentence about each baseline: who wins, where, and how clearly.
  var verdicts: [String] {
    let model = walkForward.model
    return walkForward.baselines.map { baseline in
      let (error, other) = (model.total.rootMeanSquaredError, baseline.total.rootMeanSquaredError)
      let change = readableNumber(100 * abs(1 - error / other)) + "%"
      let all = walkForward.horizon > 1 ? " over all steps" : ""
      let steps = 1...walkForward.horizon
      let clarity = steps.map { walkForward.advantage(over: baseline, stepsAhead: $0) }
      let isClear = clarity.contains { $0 < -2 }
      let outcome =
        error < other
        ? "\(model.name) has an error of \(readableNumber(error, digits: 4))\(all), \(baseline.name) "
          + "\(readableNumber(other, digits: 4)): \(change) less"
        : "\(baseline.name) \(isClear ? "wins" : "is ahead"): it has an error of \(readableNumber(other, digits: 4))\(all), \(model.name) "
          + "\(readableNumber(error, digits: 4)): \(change) more"
      guard walkForward.horizon > 1 else {
        return outcome + (abs(clarity[0]) < 2 ? ", which may be chance" : "")
      }
      let better = steps.filter {
        model.steps[$0 - 1].meanSquaredError < baseline.steps[$0 - 1].meanSquaredError
      }.count
      let (clear, lost) = (clarity.filter { $0 > 2 }.count, clarity.filter { $0 < -2 }.count)
      let count = better == 0 ? "no step" : better == steps.count ? "every step" : "\(better) of \(steps.count) steps"
      let certainty =
        clear == 0 ? ", never clearly" : clear == better ? ", clearly so" : ", clearly at \(clear) of them"
      return outcome + "; \(model.name) is better at \(count)" + (better == 0 ? "" : certainty)
        + (lost == 0 ? "" : ", clearly worse at \(lost)")
    }
  }
}
