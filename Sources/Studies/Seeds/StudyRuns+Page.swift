public import EbbReport
internal import EbbDiagnostics
internal import EbbStatistics

extension StudyRuns {
  /// Gradients at initialisation and losses, each a line with a band.
  public var terminalCharts: [Chart] { [initialChart, lossChart] }

  /// ‖dL/dh_t‖ over t at initialisation: for each cell the median of the seeds, and a band between the quartiles.
  var initialChart: Chart {
    .line(
      LineChart(
        "Gradient through time at initialisation", x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: cells.map { cell in
          ChartSeries(cell.name, runs: cell.runs.compactMap { $0.initial.states.first?.total.means }, first: 1)
        },
        references: [ReferenceLine(.y, at: 0.01, label: "1% of the last")]))
  }

  /// Losses, each point the mean of a few steps of each seed.
  var lossChart: Chart {
    let settings = results[0].settings
    let width = max(1, settings.steps / 150)
    func means(_ losses: [Double]) -> [Double] {
      stride(from: 0, to: losses.count, by: width).map { start in
        let part = losses[start..<min(start + width, losses.count)]
        return part.reduce(0, +) / Double(part.count)
      }
    }
    let middles = stride(from: 0, to: settings.steps, by: width).map {
      Double($0) + Double(min(width, settings.steps - $0)) / 2
    }
    return .line(
      LineChart(
        "Loss on the adding problem, T = \(settings.taskLength)", x: ChartAxis("training step"),
        y: ChartAxis("mean squared error", scale: .log10),
        series: cells.map { cell in
          ChartSeries(cell.name, x: middles, runs: cell.runs.map { means($0.training.losses) })
        },
        references: [
          ReferenceLine(.y, at: StudyResult.constantAnswerError, label: "the constant answer 1"),
          ReferenceLine(.y, at: settings.solvedError, label: "solved"),
        ]))
  }

  /// ‖dL/dh_t‖ of the task's loss before and after training.
  var beforeAndAfterCharts: [Chart] {
    cells.map { cell in
      func curves(_ measurement: (StudyResult.TrainingResult) -> StudyResult.Measurement?) -> [[Double]] {
        cell.runs.compactMap { measurement($0.training)?.states.first?.total.means }
      }
      return .line(
        LineChart(
          "\(cell.name) before and after training", x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
          series: [
            ChartSeries("before", runs: curves(\.measurements.first), first: 1, color: .of(cell.name, shade: 1)),
            ChartSeries("after", runs: curves(\.measurements.last), first: 1, color: .of(cell.name)),
          ]))
    }
  }

  /// The seeds together on one page; then, in full, the study of the first one.
  public var page: HTMLReport {
    let first = results[0]
    let band = "Lines are medians of \(results.count) seeds, bands lie between their quartiles."
    let sections: [HTMLReport.Section] =
      [
        .init("Cells side by side", [.table(comparisonByCell, caption: comparisonCaption)])
      ]
      + (cells.count > 1
        ? [.init("Which differences are beyond chance", [.table(comparisonTable, caption: comparison.caption)])] : [])
      + [
        .init("At initialisation", [.chart(initialChart, caption: band + " A straight line is exponential decay.")]),
        .init(
          "During training",
          [
            .chart(lossChart, caption: band + " A seed whose training has ended keeps its last loss."),
            .row(beforeAndAfterCharts, caption: band),
          ]),
      ]
    let single = first.page
    return HTMLReport(
      title: "How far back does the gradient reach, with \(results.count) seeds?", name: "study",
      lead: """
        The gradients of \(cells.map { "`\($0.name)`" }.joined(separator: ", ")) at initialisation and in training on the \
        adding problem, with the seeds \(seeds.map(String.init).joined(separator: ", ")). The second part shows everything \
        that was measured with seed \(seeds[0]).
        """,
      findings: findings,
      sections: sections + single.sections.map { .init("Seed \(seeds[0]): \($0.heading)", $0.blocks) },
      details: single.details.map {
        $0.name == "seed" ? .init("seeds", seeds.map(String.init).joined(separator: ", ")) : $0
      })
  }
}
