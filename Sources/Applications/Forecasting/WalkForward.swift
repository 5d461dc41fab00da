internal import EbbTensors
internal import EbbTraining

/// Forecasts from every origin of the held-out part, by the network and by baselines that need no training.
///
/// Each forecast reads only earlier values; the network is not retrained as the origin moves.
public struct WalkForward: Hashable, Sendable {
  /// The row of the last value that each forecast reads.
  public let origins: Range<Int>
  /// How many steps ahead are forecast.
  public let horizon: Int
  /// For each origin the values that followed.
  public let actual: [[Double]]
  /// The network first, then the baselines.
  public let methods: [Method]
  /// By the baselines' names, for each number of steps ahead.
  private let comparisons: [String: [ForecastComparison?]]

  /// Forecasts of one kind and their errors.
  public struct Method: Hashable, Sendable {
    /// The name of the forecast.
    public let name: String
    /// For each origin the forecasts 1, 2, … steps ahead.
    public let forecasts: [[Double]]
    /// The errors of each number of steps ahead.
    public let steps: [RegressionMetrics]
    /// The errors of all steps together.
    public let total: RegressionMetrics
    /// The unit of MASE; nil if it is 0.
    let naiveError: Double?

    init(_ name: String, _ forecasts: [[Double]], actual: [[Double]], naiveError: Double?) {
      self.name = name
      self.forecasts = forecasts
      self.naiveError = naiveError
      var total = RegressionMetrics()
      steps = (0..<(actual.first?.count ?? 0)).map { step in
        var metrics = RegressionMetrics()
        metrics.add(forecasts.map { $0[step] }, targets: actual.map { $0[step] })
        total.add(forecasts.map { $0[step] }, targets: actual.map { $0[step] })
        return metrics
      }
      self.total = total
    }

    /// The mean absolute error in units of the naive forecast's on the rows to train on (Hyndman & Koehler 2006): below
    /// 1 is better than that forecast one step (or one season) ahead on those rows. Nil if it had no error there, so
    /// that there is no unit.
    public func scaledError(_ metrics: RegressionMetrics) -> Double? {
      naiveError.map { metrics.meanAbsoluteError / $0 }
    }
  }

  /// The errors that most forecasts of the network had.
  public struct ErrorBand: Hashable, Sendable {
    /// What the band is, for legends.
    public static let name = "80% of errors"
    /// From the 10% to the 90% quantile of value − forecast.
    public var range: ClosedRange<Double>
    /// What the band is.
    public var name: String { Self.name }
  }

  /// The 10% and 90% quantiles of the network's errors on the held-out values at this number of steps ahead, linear
  /// between the sorted errors (Hyndman & Fan 1996, type 7). Nil for fewer than ten forecasts.
  ///
  /// They describe forecasts after these values only as far as the series goes on as it was.
  public func errorBand(stepsAhead: Int) -> ErrorBand? {
    let errors = zip(actual, model.forecasts).map { $0[stepsAhead - 1] - $1[stepsAhead - 1] }.sorted()
    guard errors.count >= 10 else { return nil }
    func quantile(_ share: Double) -> Double {
      let place = share * Double(errors.count - 1)
      let index = min(Int(place), errors.count - 2)
      return errors[index] + (place - Double(index)) * (errors[index + 1] - errors[index])
    }
    return ErrorBand(range: quantile(0.1)...quantile(0.9))
  }

  /// The network.
  public var model: Method { methods[0] }
  /// The forecasts that need no training, persistence first.
  public var baselines: ArraySlice<Method> { methods.dropFirst() }
  /// The forecast that nothing changes.
  public var persistence: Method { methods[1] }

  init(_ data: ForecastData, season: Int?, name: String, forecasts: [[Double]]) {
    let (values, horizon) = (data.values, data.horizon)
    let actual = data.heldOutOrigins.map { Array(data.actual(after: $0)) }
    // The mean of |x_t − x_{t−m}| over the rows to train on.
    let lag = min(season ?? 1, data.trainingCount - 1)
    var naive = WideSum(power: 1)
    for row in lag..<data.trainingCount { naive.add(values[row] - values[row - lag]) }
    let naiveError = naive.root(over: Double(data.trainingCount - lag))
    let unit = naiveError > data.resolution ? naiveError : nil
    func method(_ name: String, _ forecasts: [[Double]]) -> Method {
      Method(name, forecasts, actual: actual, naiveError: unit)
    }
    // x̂_{T+k} = x_T
    var methods = [
      method(name, forecasts),
      method("persistence", data.heldOutOrigins.map { [Double](repeating: values[$0], count: horizon) }),
    ]
    if let season {
      // x̂_{T+k} = x_{T+k−m⌈k/m⌉}: the last value of the same place in the season.
      let forecasts = data.heldOutOrigins.map { origin in
        (1...horizon).map { step in values[origin + step - season * ((step + season - 1) / season)] }
      }
      methods.append(method("seasonal", forecasts))
    }
    (origins, self.horizon, self.actual, self.methods) = (data.heldOutOrigins, horizon, actual, methods)
    comparisons = Self.compared(methods, actual, horizon: horizon)
  }

  /// The comparison of the network with each baseline, by name, for 1, 2, … steps ahead, with joint probabilities for
  /// all comparisons. Nil if there are too few forecasts or the errors do not vary.
  private static func compared(_ methods: [Method], _ actual: [[Double]], horizon: Int) -> [String:
    [ForecastComparison?]]
  {
    func column(_ rows: [[Double]], _ step: Int) -> [Double] { rows.map { $0[step] } }
    var comparisons: [ForecastComparison?] = []
    for baseline in methods.dropFirst() {
      for step in 0..<horizon {
        let targets = column(actual, step)
        let (mine, theirs) = (column(methods[0].forecasts, step), column(baseline.forecasts, step))
        let largest = (targets + mine + theirs).reduce(0) { max($0, abs($1)) }
        comparisons.append(
          ForecastComparison(
            errors: zip(mine, targets).map { $0 - $1 }, baseline: zip(theirs, targets).map { $0 - $1 },
            stepsAhead: step + 1, resolution: largest.ulp))
      }
    }
    let adjusted = comparisons.adjustedForAll().chunks(of: horizon)
    return Dictionary(uniqueKeysWithValues: zip(methods.dropFirst().map(\.name), adjusted))
  }

  /// Caveats about the errors.
  var remarks: [String] {
    var remarks: [String] = []
    if let value = actual.first?.first, actual.allSatisfy({ $0.allSatisfy { $0 == value } }) {
      remarks.append("all held-out values are \(value): R² has no meaning, as there is nothing to explain")
    } else if methods[0].steps.contains(where: { $0.determination == nil }) {
      remarks.append("R² has no meaning where all values that are forecast are alike")
    }
    if methods[0].naiveError == nil {
      remarks.append("the naive forecast has no error on the rows to train on: MASE has no unit")
    }
    return remarks
  }

  /// The comparison of the network with a baseline at this number of steps ahead; nil if there is none.
  public func comparison(with baseline: Method, stepsAhead: Int) -> ForecastComparison? {
    comparisons[baseline.name]?[stepsAhead - 1] ?? nil
  }
}
