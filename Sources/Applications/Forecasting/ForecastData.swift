internal import EbbFiles
internal import EbbTensors

/// A table that is split in time, and the windows that a network reads from it.
///
/// An origin is the row of the last value read; its targets are the rows after it.
public struct ForecastData: Hashable, Sendable {
  /// The table.
  public let table: ForecastTable
  /// The position of the target column.
  public let target: Int
  /// The units of the network's inputs and outputs.
  public let scales: ForecastScales
  /// The number of rows read before a forecast, from each column.
  public let window: Int
  /// How many steps ahead are forecast.
  public let horizon: Int
  /// The number of first rows for training, including those for validation.
  public let trainingCount: Int
  /// The origins of the windows to train on.
  public let trainingOrigins: Range<Int>
  /// The origins with targets for validation; empty if there are none.
  public let validationOrigins: Range<Int>
  /// Those whose targets are held out.
  public let heldOutOrigins: Range<Int>

  /// - Throws: `FileError` if a part has no window or a column has no scale.
  init(_ table: ForecastTable, target: String, _ settings: ForecastSettings) throws(FileError) {
    guard let position = table.names.firstIndex(of: target) else {
      let names = table.names.joined(separator: ", ")
      throw FileError(table.source, column: target, "the target is none of the columns that are read: \(names)")
    }
    let (count, horizon) = (table.count, settings.horizon)
    let shares = settings.shares(of: count)
    let (trainingCount, validationCount) = (shares.training, shares.validation)
    guard count - trainingCount >= horizon else {
      throw FileError(
        table.source,
        "\(count - trainingCount) of \(count) rows are held out, too few to forecast \(horizon) steps; take a shorter "
          + "horizon, hold out more or give a longer series")
    }
    guard settings.validationFraction == 0 || validationCount >= horizon else {
      throw FileError(
        table.source,
        "\(validationCount) of \(trainingCount) rows to train on are for validation, too few to forecast \(horizon) "
          + "steps; take more or none")
    }
    let fitCount = trainingCount - validationCount
    let needed = settings.valuesRead + horizon
    guard fitCount >= needed else {
      throw FileError(
        table.source,
        "\(fitCount) of \(count) rows are for training, and a window of \(settings.window) with a horizon of "
          + "\(horizon) needs at least \(needed); take a shorter window or a longer series")
    }
    if let season = settings.season, season > trainingCount {
      throw FileError(
        table.source, "a season of \(season) steps is longer than the \(trainingCount) rows to train on")
    }
    self.table = table
    self.target = position
    self.window = settings.window
    self.horizon = horizon
    self.trainingCount = trainingCount
    scales = try ForecastScales(
      table, rows: trainingCount, target: position, input: settings.input, horizon: horizon)
    trainingOrigins = (settings.valuesRead - 1)..<(settings.valuesRead - 1 + shares.windows)
    validationOrigins = validationCount == 0 ? 0..<0 : (fitCount - 1)..<(trainingCount - horizon)
    heldOutOrigins = (trainingCount - 1)..<(count - horizon)
  }

  /// The number of held-out rows at the end.
  public var heldOutCount: Int { table.count - trainingCount }
  /// Errors of the naive forecast below this are rounding errors.
  var resolution: Double {
    let known = Array(values[..<trainingCount])
    return max(2 * known.reduce(0) { max($0, abs($1)) }.ulp, 1e-12 * Moments(known).deviation)
  }
  /// The column that is forecast.
  public var targetName: String { table.names[target] }
  /// The values of the target column.
  public var values: [Double] { table.columns[target] }

  /// Remarks on the columns: each one that is constant in the training rows, and each one that later goes far beyond
  /// the range of the training rows.
  var remarks: [String] {
    // Beyond this many standard deviations a network reads values that it cannot have learned about.
    let limit = 100.0
    var remarks: [String] = []
    let learned = trainingOrigins.upperBound + horizon
    for (column, name) in table.names.enumerated() {
      let values = table.columns[column]
      if let row = values[..<trainingCount].firstIndex(where: { $0 != values[0] }), row >= learned {
        remarks.append(
          "\(name) is \(values[0]) in all rows to learn from and changes first in \(table.place(row)), which is for "
            + "validation: the network cannot know what that means")
      }
      let distance = { (row: Int) in
        abs((scales.input.number(values, row) - scales.means[column]) / scales.deviations[column])
      }
      if let row = (trainingCount..<table.count).first(where: { distance($0) > limit }) {
        remarks.append(
          "\(name) is \(values[row]) in \(table.place(row)), \(Int(min(distance(row), 1e15))) standard deviations of the "
            + "rows to train on from their mean: what the network makes of that was not learned")
      }
    }
    return remarks
  }

  /// The actual values for a forecast from this origin.
  func actual(after origin: Int) -> ArraySlice<Double> { values[(origin + 1)...(origin + horizon)] }

  /// The windows that end at these origins, with the right outputs.
  func batch(_ origins: some Collection<Int>) -> [String: Tensor] {
    var x: [Double] = []
    x.reserveCapacity(window * origins.count * table.columns.count)
    for step in 0..<window {
      for origin in origins { x += scales.read(table.columns, at: origin - window + 1 + step) }
    }
    let targets = origins.flatMap { scales.outputs(actual(after: $0), after: values[$0]) }
    return [
      "x": Tensor([window, origins.count, table.columns.count], x, as: .float32),
      "target": Tensor([origins.count, horizon], targets, as: .float32),
    ]
  }
}
