internal import EbbTensors

/// A table that is cut in time, and the windows that a network reads of it.
///
/// An origin is the row of the last value that is read: its targets are the rows after it.
public struct ForecastData: Hashable, Sendable {
  public let table: ForecastTable
  /// The position of the column that is forecast.
  public let target: Int
  public let scales: ForecastScales
  public let window: Int
  public let horizon: Int
  /// How many of the first rows are for training, those for validation included.
  public let trainingCount: Int
  /// The origins of the windows to train on.
  public let trainingOrigins: Range<Int>
  /// Those whose targets are for validation; empty if nothing is.
  public let validationOrigins: Range<Int>
  /// Those whose targets are held out.
  public let heldOutOrigins: Range<Int>

  /// - Throws: `DataError` if a part has no window or a column no scale.
  init(_ table: ForecastTable, target: String, _ settings: ForecastSettings) throws(DataError) {
    guard let position = table.names.firstIndex(of: target) else {
      let names = table.names.joined(separator: ", ")
      throw DataError(table.source, column: target, "the target is none of the columns that are read: \(names)")
    }
    let (count, horizon) = (table.count, settings.horizon)
    let trainingCount = count - Int((Double(count) * settings.heldOutFraction).rounded())
    guard count - trainingCount >= horizon else {
      throw DataError(
        table.source,
        "\(count - trainingCount) of \(count) rows are held out, too few to forecast \(horizon) steps; take a shorter "
          + "horizon, hold out more or give a longer series")
    }
    let validationCount = Int((Double(trainingCount) * settings.validationFraction).rounded())
    guard settings.validationFraction == 0 || validationCount >= horizon else {
      throw DataError(
        table.source,
        "\(validationCount) of \(trainingCount) rows to train on are for validation, too few to forecast \(horizon) "
          + "steps; take more or none")
    }
    let fitCount = trainingCount - validationCount
    let needed = settings.valuesRead + horizon
    guard fitCount >= needed else {
      throw DataError(
        table.source,
        "\(fitCount) of \(count) rows are for training, and a window of \(settings.window) with a horizon of "
          + "\(horizon) needs at least \(needed); take a shorter window or a longer series")
    }
    if let season = settings.season, season > trainingCount {
      throw DataError(
        table.source, "a season of \(season) steps is longer than the \(trainingCount) rows to train on")
    }
    self.table = table
    self.target = position
    self.window = settings.window
    self.horizon = horizon
    self.trainingCount = trainingCount
    scales = try ForecastScales(
      table, rows: trainingCount, target: position, input: settings.input, horizon: horizon)
    trainingOrigins = (settings.valuesRead - 1)..<(fitCount - horizon)
    validationOrigins = validationCount == 0 ? 0..<0 : (fitCount - 1)..<(trainingCount - horizon)
    heldOutOrigins = (trainingCount - 1)..<(count - horizon)
  }

  public var heldOutCount: Int { table.count - trainingCount }
  /// The column that is forecast.
  public var targetName: String { table.names[target] }
  public var values: [Double] { table.columns[target] }

  /// The values that a forecast from this origin is compared with.
  func actual(after origin: Int) -> ArraySlice<Double> { values[(origin + 1)...(origin + horizon)] }

  /// The windows that end at these origins, and the outputs that would have been right.
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
