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
    guard chart.hasCommonX, let x = chart.series.first?.x else {
      return points(chart.title, chart.x, chart.y, chart.series, events: chart.events)
    }
    let unit = chart.y.unit
    let events = chart.events.map { event in
      let positions = Set(event.positions)
      return DataTable.Column.numbers(event.name, x.map { positions.contains($0) ? 1 : 0 })
    }
    let margins = chart.series.flatMap { series in
      [(marginName(series.name), series.margins)].filter { !$0.1.isEmpty } + (series.band?.columns ?? [])
    }
    return DataTable(
      chart.title,
      columns: [positions(chart.x, x)]
        + chart.series.map { .numbers($0.name, unit: unit, $0.y) } + events
        + margins.map { .numbers($0, unit: unit, $1.map { $0.isNaN ? nil : $0 }) })
  }

  private func points(
    _ title: String, _ x: ChartAxis, _ y: ChartAxis, _ series: [ChartSeries], events: [ChartEvents]
  ) -> DataTable {
    let names =
      series.flatMap { [String](repeating: $0.name, count: $0.x.count) }
      + events.flatMap { [String](repeating: $0.name, count: $0.positions.count) }
    let eventCount = events.reduce(0) { $0 + $1.positions.count }
    /// A column with numbers of some series.
    func column(_ name: String, _ values: (ChartSeries) -> [Double]?) -> DataTable.Column {
      let numbers = series.flatMap { series in values(series) ?? [Double](repeating: .nan, count: series.y.count) }
      return .numbers(
        name, unit: y.unit, numbers.map { $0.isNaN ? nil : $0 } + [Double?](repeating: nil, count: eventCount))
    }
    let heights =
      series.flatMap { $0.y.map(DataTable.Cell.number) } + [DataTable.Cell](repeating: .missing, count: eventCount)
    let hasMargins = series.contains { !$0.margins.isEmpty }
    // Bands with the same name share their columns.
    let bands = series.compactMap(\.band).flatMap(\.columns).map(\.name)
    let bandNames = bands.indices.filter { !bands[..<$0].contains(bands[$0]) }.map { bands[$0] }
    return DataTable(
      title,
      columns: [
        .text("series", names),
        positions(x, series.flatMap(\.x) + events.flatMap(\.positions)),
        DataTable.Column(y.label, unit: y.unit, cells: heights),
      ] + (hasMargins ? [column(marginName(y.label)) { $0.margins.isEmpty ? nil : $0.margins }] : [])
        + bandNames.map { name in column(name) { $0.band?.columns.first { $0.name == name }?.values } })
  }

  /// Values of x; those of a time axis as dates.
  private func positions(_ axis: ChartAxis, _ values: [Double]) -> DataTable.Column {
    switch axis.scale {
    case .linear, .log10: .numbers(axis.label, unit: axis.unit, values)
    case .time: .text(axis.title, values.map(Moment.text))
    }
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

extension LineChart {
  /// Whether all series have the same values of x, and the events happened at some of them.
  var hasCommonX: Bool {
    guard let x = series.first?.x else { return false }
    return series.allSatisfy { $0.x == x } && events.allSatisfy { Set($0.positions).isSubset(of: x) }
  }
}

extension ChartSeries.Band {
  /// The columns of its ends.
  fileprivate var columns: [(name: String, values: [Double])] { [("\(name), from", lower), ("\(name), to", upper)] }
}
