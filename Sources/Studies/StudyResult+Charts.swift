internal import EbbDiagnostics
public import EbbReport

extension StudyResult {
  /// The charts for a terminal: gradients at initialisation, eigenvalues and Lyapunov exponents of a step, exploding
  /// and clipped gradients, and the losses.
  public var terminalCharts: [Chart] {
    [initialChart, eigenvalueChart, lyapunovChart(of: \.cellReport.dynamics), explodingChart, lossChart].compactMap {
      $0
    }
  }

  /// ‖dL/dh_t‖ over t at initialisation, one line for each cell.
  var initialChart: Chart {
    .line(
      LineChart(
        "Gradient through time at initialisation", x: ChartAxis("timestep t"),
        y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: cells.compactMap { cell in
          cell.initial.states.first.map { ChartSeries(cell.name, $0.total.means, first: 1) }
        },
        references: [ReferenceLine(.y, at: 0.01, label: "1% of the last")]))
  }

  var explodingChart: Chart {
    func series(_ name: String, _ flow: GradientFlow, shade: Int) -> [ChartSeries] {
      flow.states.map { ChartSeries(name, $0.total.means, first: 1, color: .neutral(shade: shade)) }
    }
    return .line(
      LineChart(
        "The simple network at gain \(numeral(settings.explodingGain))", x: ChartAxis("timestep t"),
        y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: series("no clipping", exploding.unclipped, shade: 1)
          + series("clipped to \(numeral(settings.explodingClip))", exploding.clipped, shade: 0)))
  }

  /// The number of samples with clipped gradients at each step.
  var clippingChart: Chart {
    guard case .line(var chart) = exploding.clipped.clippingChart(of: settings.batch) else {
      preconditionFailure("counts are drawn as lines")
    }
    // This network is none of the cells.
    for index in chart.series.indices { chart.series[index].color = .neutral(shade: index) }
    return .line(chart)
  }

  /// Loss curves, each point the mean of a few steps.
  var lossChart: Chart {
    .line(
      LineChart(
        "Loss on the adding problem, T = \(settings.taskLength)", x: ChartAxis("training step"),
        y: ChartAxis("mean squared error", scale: .log10),
        series: cells.filter { !$0.training.losses.isEmpty }.map { cell in
          let width = max(1, settings.steps / 150)
          let losses = cell.training.losses
          let starts = Array(stride(from: 0, to: losses.count, by: width))
          let means = starts.map { start -> Double in
            let part = losses[start..<min(start + width, losses.count)]
            return part.reduce(0, +) / Double(part.count)
          }
          return ChartSeries(cell.name, x: starts.map { Double($0 + min(width, losses.count - $0) / 2) }, y: means)
        },
        references: [
          ReferenceLine(.y, at: StudyResult.constantAnswerError, label: "the constant answer 1"),
          ReferenceLine(.y, at: settings.solvedError, label: "solved"),
        ]))
  }

  /// ‖dL/dh_t‖ of the task's loss before and after training.
  var beforeAndAfterCharts: [Chart] {
    cells.filter { !$0.training.losses.isEmpty }.map { cell in
      let measurements = cell.training.measurements
      let isTrained = cell.training.end.isReached
      var series: [ChartSeries] = []
      if let before = measurements.first?.states.first {

        series.append(ChartSeries("before", before.total.means, first: 1, color: .of(cell.name, shade: 1)))
      }
      if measurements.count > 1, let last = measurements.last, let after = last.states.first {
        let name = isTrained ? "after" : "after \(last.step) steps"

        series.append(ChartSeries(name, after.total.means, first: 1, color: .of(cell.name)))
      }
      return .line(
        LineChart(
          isTrained ? "\(cell.name) before and after training" : "\(cell.name) in training", x: ChartAxis("timestep t"),
          y: ChartAxis("‖dL/dhₜ‖", scale: .log10), series: series))
    }
  }

  /// Training step by timestep, one map for each cell, all on one colour scale.
  public var trainingCharts: [Chart] {
    let bounds = Self.bounds(
      of: cells.flatMap { $0.training.measurements.flatMap { $0.states.first?.total.means ?? [] } })
    return cells.filter { !$0.training.measurements.isEmpty }.map { cell in
      let measurements = cell.training.measurements
      return .heatMap(
        HeatMap(
          "\(cell.name): gradient through time during training", x: ChartAxis("timestep t"),
          y: ChartAxis("training step"),
          value: ChartAxis("‖dL/dhₜ‖", scale: .log10, bounds: bounds),
          rows: measurements.count, columns: settings.taskLength,
          values: measurements.flatMap { measurement in
            measurement.states.first?.total.means ?? [Double](repeating: .nan, count: settings.taskLength)
          },
          rowNames: measurements.map { "\($0.step)" }, firstColumn: 1))
    }
  }
}

extension StudyResult {
  /// The bounds of positive values on a logarithmic axis, down to a share of the largest; values below are drawn as
  /// missing. By default twelve decades, which show everything relevant.
  static func bounds(of values: [Double], downTo share: Double = 1e-12) -> ClosedRange<Double>? {
    let positive = values.filter { $0 > 0 && $0.isFinite }
    guard let least = positive.min(), let largest = positive.max() else { return nil }
    let smallest = max(least, largest * share)
    return smallest < largest ? smallest...largest : nil
  }
}

/// A number for a title, without a fraction if it is whole.
func numeral(_ value: Double) -> String {
  value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
}
