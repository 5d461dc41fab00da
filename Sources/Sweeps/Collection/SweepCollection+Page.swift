public import EbbReport
internal import EbbStatistics

extension SweepCollection {
  /// The results on one page.
  ///
  /// - Parameter running: What the page waits for; nil for a page that does not change.
  public func page(running: HTMLReport.Running? = nil) -> HTMLReport {
    HTMLReport(
      title: "\(name): \(counted(settings.count, "setting")), \(counted(experiment.seeds.count, "seed"))",
      name: "sweep",
      lead: """
        `\(experiment.command)` with \(runs.count) tasks\
        \(experiment.variedNames.isEmpty ? "" : ", over " + experiment.variedNames.map { "`\($0)`" }.joined(separator: ", ")). \
        The deciding number is \(best.name); the \(best.isLargestBest ? "largest" : "smallest") is best.
        """,
      findings: findings,
      sections: [settingSection] + comparisonSections + chartSections + gradientSections + missingSections + [
        taskSection
      ],
      details: details, running: running)
  }

  private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  private var settingSection: HTMLReport.Section {
    .init(
      "Settings, the best first",
      [
        .table(
          settingTable(),
          caption: """
            Medians over the seeds, with quartiles in parentheses; of what is true or false, how often it is true.\
            \(experiment.halving.map { " Under halving, only about one in \($0.factor) settings goes on after each of \($0.steps.dropLast().map(String.init).joined(separator: ", ")) steps; the numbers of the others are from there." } ?? "")
            """)
      ])
  }

  private var comparisonSections: [HTMLReport.Section] {
    guard let comparison else { return [] }
    return [
      .init(
        "Is the best better than the next?",
        [
          .table(
            comparison.table(of: best.name),
            caption: comparison.caption
              + " The best was chosen by the same runs, which makes it look better than it is: new seeds would decide.")
        ])
    ]
  }

  private var chartSections: [HTMLReport.Section] {
    var blocks: [HTMLReport.Block] = []
    let over = settingCharts
    if !over.isEmpty {
      blocks.append(
        .row(
          over,
          caption: """
            Lines are medians over all runs with a value, whatever the other options, and bands lie between the quartiles; \
            points are single runs.
            """))
    }
    if !heatMaps.isEmpty {
      blocks.append(
        .row(heatMaps, caption: "Medians of all runs with the two values; what has no result is hatched."))
    }
    if let chart = parallelCoordinates {
      blocks.append(
        .chart(chart, caption: "A setting is a line from axis to axis; on the last one is its \(best.name)."))
    }
    if let lossChart {
      blocks.append(
        .chart(lossChart, caption: "Lines are medians of the seeds, bands lie between the quartiles."))
    }
    return blocks.isEmpty ? [] : [.init("What the settings do", blocks)]
  }

  private var gradientSections: [HTMLReport.Section] {
    guard let gradientChart else { return [] }
    return [
      .init(
        "Gradient through time against the setting",
        [.chart(gradientChart, caption: "The median of the seeds; hatched is what is below 10⁻¹² of the largest.")])
    ]
  }

  private var missingSections: [HTMLReport.Section] {
    missingTable.rowCount == 0
      ? []
      : [
        .init("What is missing", [.table(missingTable, caption: "These tasks have no final result. Tasks: \(counts).")])
      ]
  }

  private var taskSection: HTMLReport.Section {
    .init("Every task", [.table(taskTable, caption: "The CSV has every digit.")])
  }

  private var details: [HTMLReport.Detail] {
    experiment.options.map { .init($0.name, $0.value.text) } + [
      .init("seeds", experiment.seeds.map(String.init).joined(separator: ", "))
    ]
  }
}
