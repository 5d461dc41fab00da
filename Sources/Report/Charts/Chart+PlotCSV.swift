extension Chart {
  /// The numbers for a plot in a paper, as `\addplot table [col sep=comma]` of PGFPlots reads them: x in the first
  /// column, then a column for each series; names of small letters, digits and underscores; `nan` for gaps.
  ///
  /// - Series that differ in x have a row for each value of x of any of them; points without an order have a row each.
  /// - x of a time axis is a date (`date coordinates in=x`).
  /// - Bars: x is the number of the category, from 1, and the last column has its name.
  /// - Histogram: x is the lower edge of a bin; a last row has the upper edge of the last one (`ybar interval`).
  /// - Heat map: a row with x, y and the value for each cell, row after row (`matrix plot*`); named
  ///   rows count from 1, and the last column has their names, unless these are numbers.
  public var plotCSV: String {
    switch self {
    case .line(let chart): PlotTable(chart).csv
    case .scatter(let chart): PlotTable(chart).csv
    case .bars(let chart): PlotTable(chart).csv
    case .histogram(let chart): PlotTable(chart).csv
    case .heatMap(let chart): PlotTable(chart).csv
    }
  }
}

/// Columns of numbers and words under names that are safe everywhere.
private struct PlotTable {
  private var names: [String] = []
  private var rows: [[String]] = []

  var csv: String { ([names] + rows).map { $0.joined(separator: ",") + "\n" }.joined() }

  private mutating func name(_ columns: [String]) {
    var taken: Set<String> = []
    names = columns.map { column in
      let name = FileNames.safe(column.isEmpty ? "x" : column, separator: "_")
      var candidate = name
      var count = 1
      while !taken.insert(candidate).inserted {
        count += 1
        candidate = "\(name)_\(count)"
      }
      return candidate
    }
  }

  private static func number(_ value: Double) -> String { value.isNaN ? "nan" : exactText(value) }

  /// A word in a field without quotes.
  private static func word(_ text: String) -> String {
    String(text.map { $0 == "," || $0 == "\"" || $0.isNewline ? " " : $0 })
  }

  private static func position(_ value: Double, _ axis: ChartAxis) -> String {
    switch axis.scale {
    case .linear, .log10: number(value)
    // Minutes are the finest that date coordinates know.
    case .time: String(Moment.text(value).prefix(16))
    }
  }

  init(_ chart: LineChart) {
    typealias Column = (name: String, values: [Double: Double])
    func column(_ name: String, _ x: [Double], _ y: [Double]) -> Column {
      (name, Dictionary(zip(x, y), uniquingKeysWith: { first, _ in first }))
    }
    let curves = chart.series.map { column($0.name.isEmpty ? chart.y.label : $0.name, $0.x, $0.y) }
    let bands = chart.series.flatMap { series -> [Column] in
      let margin = series.margins.isEmpty ? [] : [column("\(series.name) margin", series.x, series.margins)]
      guard let band = series.band else { return margin }
      return margin
        + [column("\(series.name) lower", series.x, band.lower), column("\(series.name) upper", series.x, band.upper)]
    }
    let events = chart.events.map { column($0.name, $0.positions, $0.positions.map { _ in 1 }) }
    let columns = curves + bands + events
    name([chart.x.label] + columns.map(\.name))
    let positions: [Double]
    if chart.hasCommonX, let x = chart.series.first?.x, Set(x).count == x.count {
      positions = x
    } else {
      positions = Set(columns.flatMap(\.values.keys)).filter { !$0.isNaN }.sorted()
    }
    rows = positions.map { x in
      [Self.position(x, chart.x)] + columns.map { Self.number($0.values[x] ?? .nan) }
    }
  }

  init(_ chart: ScatterChart) {
    name([chart.x.label] + chart.series.map { $0.name.isEmpty ? chart.y.label : $0.name })
    rows = chart.series.enumerated().flatMap { index, series in
      zip(series.x, series.y).map { x, y in
        [Self.position(x, chart.x)] + chart.series.indices.map { $0 == index ? Self.number(y) : "nan" }
      }
    }
  }

  init(_ chart: BarChart) {
    name(["index"] + chart.groups.map(\.name) + ["category"])
    rows = chart.categories.enumerated().map { row, category in
      ["\(row + 1)"] + chart.groups.map { Self.number($0.values[row]) } + [Self.word(category)]
    }
  }

  init(_ chart: Histogram) {
    name([chart.value.label, "count"])
    rows = zip(chart.edges, chart.counts + [0]).map { [Self.number($0), "\($1)"] }
  }

  init(_ chart: HeatMap) {
    let numbers = chart.rowNames.compactMap { Double($0) }
    let isNumbered = numbers.count == chart.rows && !numbers.isEmpty
    let isNamed = !chart.rowNames.isEmpty && !isNumbered
    name([chart.x.label, chart.y.label, chart.value.label] + (isNamed ? ["\(chart.y.label) name"] : []))
    for row in 0..<chart.rows {
      let y = isNumbered ? numbers[row] : isNamed ? Double(row + 1) : chart.firstRow + Double(row)
      for column in 0..<chart.columns {
        rows.append(
          [chart.firstColumn + Double(column), y, chart[row, column]].map(Self.number)
            + (isNamed ? [Self.word(chart.rowNames[row])] : []))
      }
    }
  }
}
