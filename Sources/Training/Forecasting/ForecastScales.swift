internal import Foundation

/// What a forecaster reads of each column, and so how its forecast changes the last value.
public enum ForecastInput: String, Codable, Hashable, Sendable, CaseIterable {
  /// The values x_t; the forecast is x_T + c.
  case levels
  /// x_t − x_{t−1}; the forecast is x_T + c.
  case differences
  /// log(x_t / x_{t−1}), for values above 0; the forecast is x_T eᶜ.
  case logReturns

  /// How many values more than numbers are read.
  var extraValues: Int {
    switch self {
    case .levels: 0
    case .differences, .logReturns: 1
    }
  }

  /// The number that is read at a row.
  func number(_ values: [Double], _ row: Int) -> Double {
    switch self {
    case .levels: values[row]
    case .differences: values[row] - values[row - 1]
    case .logReturns: log(values[row] / values[row - 1])
    }
  }

  /// The change c from one value to another.
  func change(from last: Double, to value: Double) -> Double {
    switch self {
    case .levels, .differences: value - last
    case .logReturns: log(value / last)
    }
  }

  /// The value that a change makes of the last one.
  func value(_ change: Double, after last: Double) -> Double {
    switch self {
    case .levels, .differences: last + change
    case .logReturns: last * exp(change)
    }
  }
}

/// The units in which a network reads and answers, all measured on the rows to train on.
///
///     z_t = (u_t − mean) / deviation     what is read of each column
///     c_k = s_k · o_k                    the change over k steps, from the network's output
public struct ForecastScales: Codable, Hashable, Sendable {
  public var input: ForecastInput
  /// Of each column: the mean and the standard deviation of what is read.
  public var means: [Double]
  public var deviations: [Double]
  /// For k = 1, 2, …: √(mean c_k²), the root mean square of the target's change over k steps.
  public var changes: [Double]

  /// Measures the first `count` rows.
  ///
  /// - Throws: `DataError` if a column is constant there and so has no scale, or a logarithm needs a value above 0.
  init(
    _ table: ForecastTable, rows count: Int, target: Int, input: ForecastInput, horizon: Int
  ) throws(DataError) {
    try Self.check(table, input)
    self.input = input
    means = []
    deviations = []
    for (column, values) in table.columns.enumerated() {
      let numbers = (input.extraValues..<count).map { input.number(values, $0) }
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let deviation = rootMeanSquare(numbers.map { $0 - mean })
      guard deviation.isFinite else {
        throw DataError(
          table.source, column: table.names[column],
          "the values to train on are too large: their variance is not a finite number")
      }
      guard deviation > 0 else {
        let what = input == .levels ? "values" : "changes"
        throw DataError(
          table.source, column: table.names[column],
          "the \(numbers.count) \(what) to train on are all alike: there is nothing to learn")
      }
      means.append(mean)
      deviations.append(deviation)
    }
    let values = table.columns[target]
    changes = (1...horizon).map { step in
      let size = rootMeanSquare((step..<count).map { input.change(from: values[$0 - step], to: values[$0]) })
      // A series with exactly this period never changes over it: any unit will do.
      return size > 0 ? size : 1
    }
    guard changes.allSatisfy(\.isFinite) else {
      throw DataError(
        table.source, column: table.names[target], "the values to train on are too large for a scale")
    }
  }

  /// Throws at the first value that has no logarithm, if one is needed.
  static func check(_ table: ForecastTable, _ input: ForecastInput) throws(DataError) {
    guard input == .logReturns else { return }
    for (column, values) in table.columns.enumerated() {
      guard let row = values.firstIndex(where: { !($0 > 0) }) else { continue }
      throw table.error(
        row: row, column: column, "\(values[row]) has no logarithm; log returns need values above 0")
    }
  }

  /// What the network reads at a row, one number a column.
  func read(_ columns: [[Double]], at row: Int) -> [Double] {
    columns.indices.map { (input.number(columns[$0], row) - means[$0]) / deviations[$0] }
  }

  /// The network's outputs as values of the target.
  func values(_ outputs: [Double], after last: Double) -> [Double] {
    zip(outputs, changes).map { input.value($0 * $1, after: last) }
  }

  /// The outputs that would have forecast these values.
  func outputs(_ values: some Sequence<Double>, after last: Double) -> [Double] {
    zip(values, changes).map { input.change(from: last, to: $0) / $1 }
  }
}
