internal import EbbTensors

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
}

/// √(Σ x² / n)
func rootMeanSquare(_ values: [Double]) -> Double {
  let squares = values.reduce(0) { $0 + $1 * $1 }
  // Of numbers whose squares leave the range, ‖x‖ / √n.
  guard squares >= 0x1p-960, squares < .infinity else {
    return euclideanNorm(values) / Double(values.count).squareRoot()
  }
  return (squares / Double(values.count)).squareRoot()
}
