/// A matrix as colours, such as the credit matrix ‖∂Lₛ/∂hₜ‖ over s and t.
///
/// Missing values (NaN, infinities, values ≤ 0 on a logarithmic scale) are hatched, never given the lowest colour.
public struct HeatMap: Sendable, Hashable {
  /// Which colours the values run through.
  public enum Palette: Sendable, Hashable {
    /// From dark to light: for magnitudes.
    case sequential
    /// From blue through a neutral middle to red: for signed values. The linear scale is made symmetric about zero.
    case diverging
  }

  /// Stands above the chart.
  public var title: String
  /// The quantity of the columns; the scale must be linear.
  public var x: ChartAxis
  /// The quantity of the rows; the scale must be linear. The first row is at the top.
  public var y: ChartAxis
  /// The quantity of the colours.
  public var value: ChartAxis
  /// How many rows there are.
  public var rows: Int
  /// How many columns there are.
  public var columns: Int
  /// Row after row.
  public var values: [Double]
  /// A name for each row; empty to number them from `firstRow`.
  public var rowNames: [String]
  /// The value of y of the first row; each next row is 1 more.
  public var firstRow: Double
  /// The value of x of the first column; each next column is 1 more.
  public var firstColumn: Double
  /// How values become colours.
  public var palette: Palette

  /// - Precondition: `values` has `rows` × `columns` elements, and `rowNames` is empty or has one for each row.
  public init(
    _ title: String, x: ChartAxis, y: ChartAxis, value: ChartAxis, rows: Int, columns: Int, values: [Double],
    rowNames: [String] = [], firstRow: Double = 0, firstColumn: Double = 0, palette: Palette = .sequential
  ) {
    precondition(rows >= 0 && columns >= 0, "a heat map cannot have \(rows) rows and \(columns) columns")
    precondition(
      values.count == rows * columns, "a heat map of \(rows) rows and \(columns) columns got \(values.count) values")
    precondition(rowNames.isEmpty || rowNames.count == rows, "\(rowNames.count) names for \(rows) rows")
    self.title = title
    self.x = x
    self.y = y
    self.value = value
    self.rows = rows
    self.columns = columns
    self.values = values
    self.rowNames = rowNames
    self.firstRow = firstRow
    self.firstColumn = firstColumn
    self.palette = palette
  }

  subscript(row: Int, column: Int) -> Double { values[row * columns + column] }
}
