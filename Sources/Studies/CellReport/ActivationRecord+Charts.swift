internal import EbbDiagnostics
internal import EbbReport

extension [ActivationRecord] {
  /// The records with a bounded range: gates and other activations.
  var bounded: [ActivationRecord] { filter { $0.kind.range != nil } }

  /// The share of each record's numbers near the ends of its range.
  func saturationChart(title: String = "Saturation of gates and activations") -> Chart {
    let saturations = map { $0.saturation() }
    func percent(_ read: (Saturation) -> Double) -> [Double] { saturations.map { $0.map { 100 * read($0) } ?? .nan } }
    return .bars(
      BarChart(
        title, categories: map(\.name), value: ChartAxis("share of all numbers", unit: "%"),
        groups: [
          BarChart.Group("within 5% of the lower end", percent(\.lower), color: .neutral(shade: 1)),
          BarChart.Group("within 5% of the upper end", percent(\.upper), color: .neutral()),
        ]))
  }

  /// The same over time, both ends together.
  func saturationOverTimeChart(title: String = "Saturation through time") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("share near an end", unit: "%"),
        series: map { gate in
          ChartSeries(gate.name, (gate.saturationByStep() ?? []).map { 100 * $0.total }, first: 1)
        }))
  }
}
