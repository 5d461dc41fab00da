public import EbbReport

/// The charts and tables of a forecaster's training.
extension ForecastTrainingResult {
  /// The held-out values, and the forecasts of them one step and all steps ahead, with their error bands.
  ///
  /// - Parameters:
  ///   - cell: The cell's name in the title.
  ///   - last: The number of last forecasts to draw; nil for all.
  public func forecastChart(cell: String, last: Int? = nil) -> Chart {
    let horizon = walkForward.horizon
    return forecastChart(
      "\(target) and what \(cell) forecast", cell, stepsAhead: horizon == 1 ? [1] : [1, horizon], last: last)
  }

  /// The same in a chart for one step and a chart for all steps ahead, with equal axes.
  public func forecastCharts(cell: String) -> [Chart] {
    let horizon = walkForward.horizon
    guard horizon > 1 else { return [forecastChart(cell: cell)] }
    return [1, horizon].map { ahead in
      let steps = ahead == 1 ? "1 step" : "\(ahead) steps"
      return forecastChart("\(target) and what \(cell) forecast \(steps) ahead", cell, stepsAhead: [ahead])
    }.sharingAxes
  }

  private func forecastChart(_ title: String, _ cell: String, stepsAhead: [Int], last: Int? = nil) -> Chart {
    let origins = walkForward.origins
    let first = last.map { max(origins.lowerBound, origins.upperBound - $0) } ?? origins.lowerBound
    func series(_ name: String, _ rows: [[Double]], ahead: Int, _ band: WalkForward.ErrorBand?) -> ChartSeries {
      let kept = rows[(first - origins.lowerBound)...].map { $0[ahead - 1] }
      return ChartSeries(
        name, x: kept.indices.map { places[first + ahead + $0] }, y: kept,
        band: band.map { band in bandSeries(kept, kept.map { _ in band.range }, "\(band.name), \(name)") })
    }
    let forecasts = stepsAhead.map { ahead in
      series(
        walkForward.horizon == 1 ? cell : ahead == 1 ? "1 step ahead" : "\(ahead) steps ahead",
        walkForward.model.forecasts, ahead: ahead, walkForward.errorBand(stepsAhead: ahead))
    }
    return .line(
      LineChart(
        title, x: placeAxis, y: ChartAxis(target),
        series: [series("held out", walkForward.actual, ahead: stepsAhead[0], nil)] + forecasts))
  }

  private var placeAxis: ChartAxis { areDates ? ChartAxis("date", scale: .time) : ChartAxis("row") }

  private func bandSeries(_ values: [Double], _ errors: [ClosedRange<Double>], _ name: String) -> ChartSeries.Band {
    ChartSeries.Band(
      name, lower: zip(values, errors).map { $0 + $1.lowerBound }, upper: zip(values, errors).map { $0 + $1.upperBound }
    )
  }

  /// The last values and the forecast of those that follow the table, with its error band.
  public func nextChart(cell: String) -> Chart {
    let horizon = nextValues.count
    // Where the rows have no even step, the dates to come are unknown, and rows are numbered.
    let end = trainingCount + heldOutCount
    let isDated = areDates && places.count == end + horizon
    let places = isDated ? self.places : (0..<(end + horizon)).map { Double($0 + 1) }
    let bands = (1...max(1, horizon)).compactMap { walkForward.errorBand(stepsAhead: $0) }
    let last = lastValues.last ?? .nan
    // The line begins at the last value, which has no error.
    let forecast = [last] + nextValues
    return .line(
      LineChart(
        "The next \(horizon == 1 ? "value" : "\(horizon) values") of \(target)",
        x: isDated ? placeAxis : ChartAxis("row"), y: ChartAxis(target),
        series: [
          ChartSeries(target, x: Array(places[(end - lastValues.count)..<end]), y: lastValues, color: .of("held out")),
          ChartSeries(
            "forecast", x: Array(places[(end - 1)...]), y: forecast,
            band: bands.count == horizon
              ? bandSeries(forecast, [0...0] + bands.map(\.range), bands[0].name) : nil,
            color: .of(horizon == 1 ? cell : "1 step ahead")),
        ]))
  }

  /// The error for each number of steps ahead, of the network and of the baselines.
  public func errorChart(cell: String) -> Chart {
    .line(
      LineChart(
        "Error by the number of steps ahead", x: ChartAxis("steps ahead"), y: ChartAxis("RMSE"),
        series: walkForward.methods.map { ChartSeries($0.name, $0.steps.map(\.rootMeanSquaredError), first: 1) }))
  }

  /// The network's held-out error during training, with the baselines' errors. With validation, a line marks the step of the kept
  /// parameters.
  public var trainingChart: Chart {
    .line(
      LineChart(
        "Error on the held-out values of \(target)", x: ChartAxis("training step"), y: ChartAxis("RMSE"),
        series: [
          ChartSeries(
            walkForward.model.name, x: evaluations.map { Double($0.step) }, y: evaluations.map(\.heldOutError))
        ],
        references: walkForward.baselines.map {
          ReferenceLine(.y, at: $0.total.rootMeanSquaredError, label: $0.name)
        } + (keptStep.map { [ReferenceLine(.x, at: Double($0), label: "kept")] } ?? [])))
  }

  /// The gradient through the window before and after training.
  public func gradientChart(cell: String) -> Chart {
    let states = gradientNormsBefore.keys.sorted()
    let series = states.flatMap { state in
      [
        ChartSeries("\(state) before", gradientNormsBefore[state] ?? [], first: 1, color: .of(state, shade: 1)),
        ChartSeries("\(state) after", gradientNormsAfter[state] ?? [], first: 1, color: .of(state)),
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
  ///   - isNarrow: Whether to leave out the baselines' absolute errors.
  public func errorTable(mostRows: Int? = nil, isNarrow: Bool = false) -> DataTable {
    let horizon = walkForward.horizon
    let most = min(mostRows ?? horizon, horizon)
    // The first and the last number are always included.
    let shown = most < 2 ? [1] : (0..<most).map { 1 + $0 * (horizon - 1) / (most - 1) }
    typealias Error = (RegressionMetrics) -> Double?
    func column(_ name: String, _ method: WalkForward.Method, _ error: Error) -> DataTable.Column {
      let numbers = shown.map { error(method.steps[$0 - 1]) } + (horizon > 1 ? [error(method.total)] : [])
      return DataTable.Column(name, cells: numbers.map { $0.map { .number($0) } ?? .missing })
    }
    let methods = walkForward.methods
    let model = walkForward.model
    let comparisons = shown.map { comparison(stepsAhead: $0) } + (horizon > 1 ? [nil] : [])
    func cells(_ number: (ForecastComparison) -> Double) -> [DataTable.Cell] {
      comparisons.map { $0.map { .number(number($0)) } ?? .missing }
    }
    return DataTable(
      "Errors by the number of steps ahead",
      columns: [.text("ahead", shown.map { "\($0)" } + (horizon > 1 ? ["all"] : []))]
        + methods.map { column("RMSE \($0.name)", $0, \.rootMeanSquaredError) }
        + methods.prefix(isNarrow ? 1 : methods.count).map { column("MAE \($0.name)", $0, \.meanAbsoluteError) }
        + [
          column("R²", model, \.determination), column("MASE", model, model.scaledError),
          DataTable.Column("t", format: .fixed(1), cells: cells(\.statistic)),
          DataTable.Column("p", format: .significant(2), cells: cells(\.probability)),
        ])
  }

  /// The comparison of the network with the better baseline at this number of steps ahead.
  private func comparison(stepsAhead: Int) -> ForecastComparison? {
    func error(_ method: WalkForward.Method) -> Double { method.steps[stepsAhead - 1].rootMeanSquaredError }
    let best = walkForward.baselines.min { error($0) < error($1) } ?? walkForward.persistence
    return walkForward.comparison(with: best, stepsAhead: stepsAhead)
  }

  /// One sentence about each baseline: which one wins, where, and how clearly.
  public var verdicts: [String] { walkForward.baselines.map(verdict) }

  private func verdict(on baseline: WalkForward.Method) -> String {
    let model = walkForward.model
    let steps = 1...walkForward.horizon
    let comparisons = steps.map { walkForward.comparison(with: baseline, stepsAhead: $0) }
    let clear = comparisons.compactMap { $0 }.filter(\.isClear)
    let (won, lost) = (clear.filter { $0.statistic > 0 }.count, clear.filter { $0.statistic < 0 }.count)
    let error = { (method: WalkForward.Method) in method.total.rootMeanSquaredError }
    let all = walkForward.horizon > 1 ? " over all steps" : ""
    func shown(_ method: WalkForward.Method) -> String { readableNumber(error(method), digits: 4) }
    // In proportion to the baseline's error, if it has one.
    let change =
      error(baseline) > 0 ? ": \(readableNumber(100 * abs(1 - error(model) / error(baseline))))%" : ""
    let outcome: String
    if error(model) == error(baseline) {
      outcome = "\(model.name) and \(baseline.name) have the same error, \(shown(model))\(all)"
    } else if error(model) < error(baseline) {
      outcome = "\(model.name) has an error of \(shown(model))\(all), \(baseline.name) \(shown(baseline))\(change) less"
    } else {
      outcome =
        "\(baseline.name) \(lost > 0 ? "wins" : "is ahead"): it has an error of \(shown(baseline))\(all), "
        + "\(model.name) \(shown(model))" + (change.isEmpty ? "" : change + " more")
    }
    let origins = walkForward.origins.count
    let forecasts = origins == 1 ? "1 forecast is" : "\(origins) forecasts are"
    let doubt =
      origins < 2 * steps.lowerBound ? "\(forecasts) too few to tell how clearly" : "how clearly cannot be told"
    let known = comparisons.compactMap { $0 }.count
    guard walkForward.horizon > 1 else {
      return outcome + (known == 0 ? "; \(doubt)" : clear.isEmpty ? ", which may be chance" : ", clearly so")
    }
    let better = steps.filter {
      model.steps[$0 - 1].rootMeanSquaredError < baseline.steps[$0 - 1].rootMeanSquaredError
    }.count
    let count = better == 0 ? "no step" : better == steps.count ? "every step" : "\(better) of \(steps.count) steps"
    let certainty = won == 0 ? ", never clearly" : won == better ? ", clearly so" : ", clearly at \(won) of them"
    let told =
      known == 0 ? "; \(doubt)" : known < steps.count ? "; how clearly can be told for \(known) of \(steps.count)" : ""
    return outcome + "; \(model.name) is better at \(count)" + (better == 0 || known == 0 ? "" : certainty)
      + (lost == 0 ? "" : ", clearly worse at \(lost)") + told
  }
}
