/// Forecasts from every origin of the held-out part, by the network and by baselines that need no training.
///
/// Each forecast reads only what lies before it; the network is not trained again as the origin moves.
public struct WalkForward: Hashable, Sendable {
  /// The row of the last value that each forecast reads.
  public let origins: Range<Int>
  public let horizon: Int
  /// For each origin the values that followed.
  public let actual: [[Double]]
  /// The network first, then the baselines.
  public let methods: [Method]

  /// Forecasts of one kind and their errors.
  public struct Method: Hashable, Sendable {
    public let name: String
    /// For each origin the forecasts 1, 2, … steps ahead.
    public let forecasts: [[Double]]
    /// The errors of each number of steps ahead.
    public let steps: [RegressionMetrics]
    /// The errors of all steps together.
    public let total: RegressionMetrics
    /// The unit of MASE.
    let naiveError: Double

    init(_ name: String, _ forecasts: [[Double]], actual: [[Double]], naiveError: Double) {
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

    /// The mean absolute error in units of the naive forecast's on the rows to train on (Hyndman & Koehler 2006): below 1
    /// is better than what that forecast did there one step (or one season) ahead.
    public func scaledError(_ metrics: RegressionMetrics) -> Double { metrics.meanAbsoluteError / naiveError }
  }

  /// The network.
  public var model: Method { methods[0] }
  public var baselines: ArraySlice<Method> { methods.dropFirst() }
  /// The forecast that nothing changes.
  public var persistence: Method { methods[1] }

  init(_ data: ForecastData, season: Int?, name: String, forecasts: [[Double]]) {
    let (values, horizon) = (data.values, data.horizon)
    let actual = data.heldOutOrigins.map { Array(data.actual(after: $0)) }
    // The mean of |x_t − x_{t−m}| over the rows to train on.
    let lag = min(season ?? 1, data.trainingCount - 1)
    let naive =
      (lag..<data.trainingCount).reduce(0) { $0 + abs(values[$1] - values[$1 - lag]) }
      / Double(data.trainingCount - lag)
    func method(_ name: String, _ forecasts: [[Double]]) -> Method {
      Method(name, forecasts, actual: actual, naiveError: naive)
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
  }

  /// How clearly the network's squared errors so many steps ahead are smaller than a baseline's, in standard deviations of
  /// their mean difference (Diebold & Mariano 1995): above 2 is hardly chance, below −2 the baseline is better.
  ///
  /// The forecasts' differences d are correlated in time, as their targets overlap; their variance has the weights of
  /// Newey & West 1987 up to lag k:
  ///
  ///     z = d̄ / √(V / n)     V = γ₀ + 2 Σ_{j=1}^{k} (1 − j / (k + 1)) γ_j
  public func advantage(over baseline: Method, stepsAhead: Int) -> Double {
    let step = stepsAhead - 1
    let differences = origins.indices.map { index -> Double in
      let row = index - origins.lowerBound
      func squared(_ forecasts: [[Double]]) -> Double {
        let error = forecasts[row][step] - actual[row][step]
        return error * error
      }
      return squared(baseline.forecasts) - squared(model.forecasts)
    }
    let count = differences.count
    let mean = differences.reduce(0, +) / Double(count)
    func covariance(_ lag: Int) -> Double {
      (lag..<count).reduce(0) { $0 + (differences[$1] - mean) * (differences[$1 - lag] - mean) } / Double(count)
    }
    var variance = covariance(0)
    for lag in 1...stepsAhead where lag < count {
      variance += 2 * (1 - Double(lag) / Double(stepsAhead + 1)) * covariance(lag)
    }
    return variance > 0 ? mean / (variance / Double(count)).squareRoot() : 0
  }
}
