extension Chart {
  /// All numbers of the chart, with every digit.
  public var table: DataTable {
    switch self {
    case .line(let chart): linePoints(chart)
    case .scatter(let chart): points(chart.title, chart.x, chart.y, chart.series, events: [])
    case .bars(let chart):
      DataTable(
        chart.title,
        columns: [.text("category", chart.categories)]
          + chart.groups.map { .numbers($0.name, unit: chart.value.unit, $0.values) })
    case .histogram(let chart):
      DataTable(
        chart.title,
        columns: [
          .numbers("from \(chart.value.label)", unit: chart.value.unit, Array(chart.edges.dropLast())),
          .numbers("to \(chart.value.label)", unit: chart.value.unit, Array(chart.edges.dropFirst())),
          .numbers("count", chart.counts.map(Double.init)),
        ])
    case .heatMap(let chart): cells(chart)
    }
  }

  /// One column for each series with a common x; if the series differ in x, one row for each point.
  private func linePoints(_ chart: LineChart) -> DataTable {
    guard let x = chart.series.first?.x, chart.series.allSatisfy({ $0.x == x }),
      chart.events.allSatisfy({ Set($0.positions).isSubset(of: x) })
    else { return points(chart.title, chart.x, chart.y, chart.series, events: chart.events) }
    let unit = chart.y.unit
    let events = chart.events.map { event in
      let positions = Set(event.positions)
      return DataTable.Column.numbers(event.name, x.map { positions.contains($0) ? 1 : 0 })
    }
    let margins = chart.series.filter { !$0.margins.isEmpty }.map { series in
      DataTable.Column(marginName(series.name), unit: unit, cells: series.marginCells)
    }
    return DataTable(
      chart.title,
      columns: [.numbers(chart.x.label, unit: chart.x.unit, x)]
        + chart.series.map { .numbers($0.name, unit: unit, $0.y) } + events + margins)
  }

  private func points(
    _ title: String, _ x: ChartAxis, _ y: ChartAxis, _ series: [ChartSeries], events: [ChartEvents]
  ) -> DataTable {
    let names =
      series.flatMap { [String](repeating: $0.name, count: $0.x.count) }
      + events.flatMap { [String](repeating: $0.name, count: $0.positions.count) }
    let eventCount = events.reduce(0) { $0 + $1.positions.count }
    let heights =
      series.flatMap { $0.y.map(DataTable.Cell.number) } + [DataTable.Cell](repeating: .missing, count: eventCount)
    let margins =
      series.flatMap { $0.margins.isEmpty ? [DataTable.Cell](repeating: .missing, count: $0.y.count) : $0.marginCells }
      + [DataTable.Cell](repeating: .missing, count: eventCount)
    let hasMargins = series.contains { !$0.margins.isEmpty }
    return DataTable(
      title,
      columns: [
        .text("series", names),
        .numbers(x.label, unit: x.unit, series.flatMap(\.x) + events.flatMap(\.positions)),
        DataTable.Column(y.label, unit: y.unit, cells: heights),
      ] + (hasMargins ? [DataTable.Column(marginName(y.label), unit: y.unit, cells: margins)] : []))
  }

  /// The header of the column with the half widths of 95% intervals.
  private func marginName(_ name: String) -> String { "± 95% \(name)" }

  private func cells(_ chart: HeatMap) -> DataTable {
    let rowNames: DataTable.Column =
      chart.rowNames.isEmpty
      ? .numbers(chart.y.label, unit: chart.y.unit, (0..<chart.rows).map { chart.firstRow + Double($0) })
      : .text(chart.y.label, chart.rowNames)
    let columns = (0..<chart.columns).map { column in
      DataTable.Column.numbers(
        "\(chart.x.label)=\(exactText(chart.firstColumn + Double(column)))", unit: chart.value.unit,
        (0..<chart.rows).map { chart[$0, column] })
    }
    return DataTable(chart.title, columns: [rowNames] + columns)
  }
}

extension ChartSeries {
  fileprivate var marginCells: [DataTable.Cell] { margins.map { $0.isNaN ? .missing : .number($0) } }
}
