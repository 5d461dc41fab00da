/// Columns of numbers and words, for reports, terminals and files.
public struct DataTable: Sendable, Hashable {
  /// A cell of a table.
  public enum Cell: Sendable, Hashable {
    /// A word.
    case text(String)
    /// A number, shown in the column's format.
    case number(Double)
    /// Nothing was measured: an empty cell.
    case missing
  }

  /// How the numbers of a column are shown. Files always have every digit.
  public enum Format: Sendable, Hashable {
    /// At most this many significant digits.
    case significant(Int)
    /// Exactly this many digits after the point.
    case fixed(Int)
  }

  /// A column: its heading and its cells.
  public struct Column: Sendable, Hashable {
    /// The heading.
    public var name: String
    /// The unit, such as `"ms"`; empty for a pure number.
    public var unit: String
    /// How numbers are shown.
    public var format: Format
    /// The cells from the top.
    public var cells: [Cell]

    /// A column of these cells.
    public init(_ name: String, unit: String = "", format: Format = .significant(4), cells: [Cell]) {
      self.name = name
      self.unit = unit
      self.format = format
      self.cells = cells
    }

    /// A column of numbers; nil for one that is missing.
    public static func numbers(
      _ name: String, unit: String = "", format: Format = .significant(4), _ values: [Double?]
    ) -> Column {
      Column(name, unit: unit, format: format, cells: values.map { $0.map(Cell.number) ?? .missing })
    }

    /// A column of words.
    public static func text(_ name: String, _ values: [String]) -> Column {
      Column(name, cells: values.map(Cell.text))
    }

    /// The name with its unit in parentheses.
    public var title: String { unit.isEmpty ? name : "\(name) (\(unit))" }

    /// Whether the column has numbers, which are aligned right. This searches the cells, so use it once per table, not
    /// once per row.
    var isNumeric: Bool {
      cells.contains { cell in
        switch cell {
        case .number: true
        case .text, .missing: false
        }
      }
    }
  }

  /// Stands above the table.
  public var title: String
  /// The columns from the left, all of one length.
  public var columns: [Column]

  /// - Precondition: All columns have the same number of cells.
  public init(_ title: String, columns: [Column]) {
    for column in columns {
      precondition(
        column.cells.count == columns[0].cells.count,
        "column '\(column.name)' has \(column.cells.count) cells, '\(columns[0].name)' has \(columns[0].cells.count)")
    }
    self.title = title
    self.columns = columns
  }

  /// How many rows there are.
  public var rowCount: Int { columns.first?.cells.count ?? 0 }
}

extension DataTable.Cell {
  func text(_ format: DataTable.Format, _ style: NumeralStyle) -> String {
    switch self {
    case .text(let text): text
    case .missing: ""
    case .number(let value): format.text(value, style)
    }
  }
}

extension DataTable.Format {
  package func text(_ value: Double, _ style: NumeralStyle) -> String {
    switch self {
    case .significant(let digits): return style.text(value, digits: digits)
    case .fixed(let places):
      // Beyond 15 digits a fixed format would show digits that a double does not have.
      guard value.isFinite, value.magnitude < 1e15 else { return style.text(value, digits: 6) }
      // All 17 digits first, so that the number is rounded once.
      guard let decimal = DecimalText(value, digits: 17) else { return style.nonFinite(value) }
      return decimal.rounded(toPlaces: places).fixed(style, fractionDigits: places)
    }
  }
}
