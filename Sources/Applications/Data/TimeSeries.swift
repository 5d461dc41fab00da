internal import EbbTensors
public import EbbTraining

/// Numbers at even intervals of time.
public struct TimeSeries: Hashable, Sendable {
  /// The name of the measured quantity, for messages and plots.
  public var name: String
  /// The numbers, the earliest first.
  public var values: [Double]

  /// A series of these numbers.
  public init(_ values: [Double], name: String = "series") {
    self.name = name
    self.values = values
  }

  /// A column of a table, by name or by number from 1.
  public init(_ table: CSVTable, column: String) throws(DataError) {
    self.init(try table.numbers(inColumn: column), name: table.header == nil ? "column \(column)" : column)
  }
}
