/// Numbers at even intervals of time.
public struct TimeSeries: Hashable, Sendable {
  /// What is counted, for messages and plots.
  public var name: String
  public var values: [Double]

  public init(_ values: [Double], name: String = "series") {
    self.name = name
    self.values = values
  }

  /// A column of a table, by name or by number from 1.
  public init(_ table: CSVTable, column: String) throws(DataError) {
    self.init(try table.numbers(inColumn: column), name: table.header == nil ? "column \(column)" : column)
  }

  /// Cuts the series in time: the last part, of this fraction of the values, is held out.
  ///
  /// The scale comes from the training part alone, so that nothing of the future enters.
  /// - Throws: `DataError` if a part is empty, or the training part is constant and so has no scale.
  public func split(heldOut fraction: Double) throws(DataError) -> SplitSeries {
    guard fraction > 0, fraction < 1 else {
      throw DataError(name, "the fraction to hold out is between 0 and 1, not \(fraction)")
    }
    let count = values.count - Int((Double(values.count) * fraction).rounded())
    guard count >= 2, count < values.count else {
      throw DataError(name, "\(values.count) values are too few to train on a part and hold out \(fraction) of them")
    }
    let training = values[..<count]
    let mean = training.reduce(0, +) / Double(count)
    let deviation = (training.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
    guard deviation.isFinite else {
      throw DataError(name, "the values to train on are too large: their variance is not a finite number")
    }
    guard deviation > 0 else {
      throw DataError(name, "the \(count) values to train on are all alike: there is nothing to learn")
    }
    return SplitSeries(series: self, trainingCount: count, mean: mean, deviation: deviation)
  }
}

/// A series of which the last values are held out.
public struct SplitSeries: Hashable, Sendable {
  public let series: TimeSeries
  /// How many of the first values are for training.
  public let trainingCount: Int
  /// The mean and the standard deviation of the training part.
  public let mean: Double
  public let deviation: Double

  public var heldOutCount: Int { series.values.count - trainingCount }
  /// The values that are held out.
  public var heldOut: ArraySlice<Double> { series.values[trainingCount...] }

  /// z = (x − mean) / deviation
  public func scaled(_ value: Double) -> Double { (value - mean) / deviation }
  /// x = mean + deviation · z
  public func unscaled(_ value: Double) -> Double { mean + deviation * value }

  /// The root mean squared error of the forecast that every held-out value is the one before it.
  public var persistenceError: Double {
    let previous = series.values[(trainingCount - 1)..<(series.values.count - 1)]
    return rootMeanSquare(zip(heldOut, previous).map { $0 - $1 })
  }
}

/// √(Σ x² / n)
func rootMeanSquare(_ values: [Double]) -> Double {
  (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
}
