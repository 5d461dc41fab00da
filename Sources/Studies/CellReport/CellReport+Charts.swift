internal import EbbDiagnostics
public import EbbReport

extension CellReport {
  /// Total and direct gradients of all states over time, with theoretical predictions.
  ///
  /// - Parameters:
  ///   - title: Stands above the chart.
  ///   - subject: The cell whose colour the states share, in shades; nil gives each state a colour of its own.
  public func gradientChart(title: String = "Gradient through time", subject: String? = nil) -> Chart {
    guard case .line(var chart) = flow.chart(title: title) else {
      preconditionFailure("a flow is drawn as lines")
    }
    if let subject {
      for index in chart.series.indices { chart.series[index].color = .of(subject, shade: index) }
    }
    var predictions = 0
    for state in flow.states {
      for var series in theory?.series(of: state.name) ?? [] {
        if flow.states.count > 1 { series.name = "\(state.name), \(series.name)" }
        // Predictions of several states have shades of one sequence.
        series.color = .neutral(shade: predictions)
        predictions += 1
        chart.series.append(series)
      }
    }
    chart.y.bounds = FlowTheory.bounds(
      around: flow.states.flatMap { $0.total.means + ($0.direct?.means ?? []) })
    return .line(chart)
  }

  /// Credit of each state as colours.
  public var creditCharts: [Chart] { credit.map { credit in credit.states.map { credit.chart(of: $0) } } ?? [] }

  /// The number of samples with clipped gradients at each step, and the norms before clipping.
  public var clipCharts: [Chart] {
    guard experiment.clip != nil else { return [] }
    let norms = flow.states.compactMap { state -> ChartSeries? in
      let events = flow.clips.filter { $0.state == state.name }
      return events.isEmpty
        ? nil : ChartSeries(state.name, x: events.map { Double($0.step) }, y: events.map(\.before))
    }
    let events = flow.clippingChart(of: experiment.batch)
    guard !norms.isEmpty else { return [events] }
    // The same time axis as in the chart next to it.
    let time = experiment.length > 1 ? 1...Double(experiment.length) : nil
    return [
      events,
      .scatter(
        ScatterChart(
          "Norms before clipping", x: ChartAxis("timestep t", bounds: time),
          y: ChartAxis("‖dL/dhₜ‖ before", scale: .log10), series: norms)),
    ]
  }
}
