internal import EbbFiles
internal import EbbTensors
internal import Foundation

/// The form in which a forecaster reads columns, and so how its forecast changes the last value.
public enum ForecastInput: String, Codable, Hashable, Sendable, CaseIterable {
  /// The values x_t; the forecast is x_T + c.
  case levels
  /// x_t − x_{t−1}; the forecast is x_T + c.
  case differences
  /// log(x_t / x_{t−1}), for values above 0; the forecast is x_T eᶜ.
  case logReturns

  /// The number of additional values read before the window.
  var extraValues: Int {
    switch self {
    case .levels: 0
    case .differences, .logReturns: 1
    }
  }

  /// The input at a row.
  func number(_ values: [Double], _ row: Int) -> Double {
    switch self {
    case .levels: values[row]
    case .differences: values[row] - values[row - 1]
    case .logReturns: logRatio(values[row], values[row - 1])
    }
  }

  /// The change c from one value to another.
  func change(from last: Double, to value: Double) -> Double {
    switch self {
    case .levels, .differences: value - last
    case .logReturns: logRatio(value, last)
    }
  }

  /// log(x / y), also where the ratio is out of range.
  private func logRatio(_ x: Double, _ y: Double) -> Double {
    let ratio = x / y
    return ratio.isNormal ? log(ratio) : log(x) - log(y)
  }

  /// The largest difference that rounding alone makes between equal changes, for values up to this size.
  func changeResolution(_ size: Double) -> Double {
    switch self {
    case .levels, .differences: 2 * size.ulp
    case .logReturns: 8 * .ulpOfOne
    }
  }

  /// The same for the inputs: for plain values every difference counts.
  func resolution(_ size: Double) -> Double { self == .levels ? 0 : changeResolution(size) }

  /// The name of the inputs.
  var noun: String {
    switch self {
    case .levels: "values"
    case .differences: "changes"
    case .logReturns: "log returns"
    }
  }

  /// The value after a change from the last one.
  func value(_ change: Double, after last: Double) -> Double {
    switch self {
    case .levels, .differences: last + change
    case .logReturns: last * exp(change)
    }
  }
}

/// The units of a network's inputs and outputs, all measured on the training rows.
///
///     z_t = (u_t − mean) / deviation     what is read of each column
///     c_k = s_k · o_k                    the change over k steps, from the network's output
public struct ForecastScales: Codable, Hashable, Sendable {
  /// The form in which columns are read.
  public var input: ForecastInput
  /// The mean of each column's inputs.
  public var means: [Double]
  /// The standard deviation of each column's inputs.
  public var deviations: [Double]
  /// For k = 1, 2, …: √(mean c_k²), the root mean square of the target's change over k steps.
  public var changes: [Double]

  /// Measures the first `count` rows.
  ///
  /// - Throws: `FileError` if a column is constant there and so has no scale, a value is too large for differences or
  ///   too far from the others for the network, or a logarithm needs a positive value.
  init(
    _ table: ForecastTable, rows count: Int, target: Int, input: ForecastInput, horizon: Int
  ) throws(FileError) {
    try Self.check(table, input)
    self.input = input
    means = []
    deviations = []
    for (column, values) in table.columns.enumerated() {
      let size = values[..<count].reduce(0) { max($0, abs($1)) }
      let numbers = (input.extraValues..<values.count).map { input.number(values, $0) }
      let known = numbers[..<(count - input.extraValues)]
      let (least, greatest) = (known.min() ?? 0, known.max() ?? 0)
      let moments = Moments(Array(known))
      guard greatest - least > input.resolution(size), moments.deviation > 0 else {
        // The index of the first number that differs, if there is one.
        let isOther = { (number: Double) in abs(number - known[0]) > input.resolution(size) }
        let other = numbers[known.count...].firstIndex(where: isOther).map { $0 + input.extraValues }
        let later = other.map { row in
          ", and the first other one comes in \(table.place(row)), which is held out: hold out less, or leave the column "
            + "out"
        }
        throw FileError(
          table.source, column: table.names[column],
          "the \(known.count) \(input.noun) to train on are all alike: there is nothing to learn" + (later ?? ""))
      }
      means.append(moments.mean)
      deviations.append(moments.deviation)
    }
    let values = table.columns[target]
    let size = values[..<count].reduce(0) { max($0, abs($1)) }
    // A change of 10⁻¹² of the spread is a rounding error.
    let spread = Moments((input.extraValues..<count).map { input.change(from: values[0], to: values[$0]) }).deviation
    let resolution = max(input.changeResolution(size), 1e-12 * spread)
    let unit = deviations[target]
    changes = (1...horizon).map { step in
      let size = rootMeanSquare((step..<count).map { input.change(from: values[$0 - step], to: values[$0]) })
      // A series with exactly this period never changes over it, so any unit will do.
      return size > resolution ? size : unit
    }
    for row in input.extraValues..<table.count { try checkReadable(table, row: row) }
  }

  /// Throws if a network's input at a row is not finite in Float32.
  func checkReadable(_ table: ForecastTable, row: Int) throws(FileError) {
    for (column, number) in read(table.columns, at: row).enumerated() where !Float(number).isFinite {
      throw table.error(
        row: row, column: column,
        "\(table.columns[column][row]) is too far from the rows to train on, whose \(input.noun) are "
          + "\(means[column]) ± \(deviations[column]): in these units it is no number of Float32")
    }
  }

  /// Throws at the first value that is too large for differences, or lacks a logarithm that is needed.
  static func check(_ table: ForecastTable, _ input: ForecastInput) throws(FileError) {
    // Below this limit differences, and differences of differences, are finite.
    let limit = 0x1p1021
    for (column, values) in table.columns.enumerated() {
      guard let row = values.firstIndex(where: { abs($0) > limit }) else { continue }
      throw table.error(
        row: row, column: column,
        "\(values[row]) is so large that differences of such values overflow; values are at most \(limit) in magnitude: "
          + "give the column in larger units")
    }
    guard input == .logReturns else { return }
    for (column, values) in table.columns.enumerated() {
      guard let row = values.firstIndex(where: { !($0 > 0) }) else { continue }
      throw table.error(
        row: row, column: column, "\(values[row]) has no logarithm; log returns need values above 0")
    }
  }

  /// The network's inputs at a row, one number per column.
  func read(_ columns: [[Double]], at row: Int) -> [Double] {
    columns.indices.map { (input.number(columns[$0], row) - means[$0]) / deviations[$0] }
  }

  /// The network's outputs as values of the target.
  func values(_ outputs: [Double], after last: Double) -> [Double] {
    zip(outputs, changes).map { input.value($0 * $1, after: last) }
  }

  /// The outputs for an exact forecast of these values.
  func outputs(_ values: some Sequence<Double>, after last: Double) -> [Double] {
    zip(values, changes).map { input.change(from: last, to: $0) / $1 }
  }
}
