internal import EbbTraining
internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies

extension StudyCommand {
  /// The study with several seeds, one after the other.
  func run(
    _ cells: [Study.NamedCell], _ settings: StudySettings, _ seeds: [UInt64], _ options: ParsedOptions,
    _ context: CommandContext
  ) throws -> Int32 {
    var results: [StudyResult] = []
    for seed in seeds where !Interrupts.isRequested {
      var settings = settings
      settings.seed = seed
      context.output.writeError("seed \(seed), \(results.count + 1) of \(seeds.count)\n")
      var display = StudyDisplay(context.output)
      let result = try Study(cells, settings: settings).run(
        progress: { display.show($0) }, watch: { _, _ in Interrupts.isRequested ? .stop : .continue })
      display.clear()
      // What was stopped halfway is no result beside the others.
      if result.isFinished { results.append(result) }
    }
    guard !results.isEmpty else {
      context.output.writeError("interrupted before the first seed was done: nothing is written\n")
      return Interrupts.status
    }
    let runs = StudyRuns(results)
    context.show(options) { output in
      for chart in runs.terminalCharts { output.write(chart.terminal(output.style) + "\n") }
      output.write(runs.comparisonByCell.terminal(output.style) + "\n")
      if cells.count > 1 { output.write(runs.comparisonTable.terminal(output.style) + "\n") }
      for finding in runs.findings { output.write("• " + finding.filter { $0 != "`" } + "\n") }
      output.write("\n")
    }
    context.savePage(runs.page, to: options.text("html") ?? "", options)
    context.save(runs.json.text(), to: options.text("json") ?? "")
    guard results.count == seeds.count else {
      context.output.writeError(
        "interrupted: the page and the numbers hold \(results.count) of \(seeds.count) seeds\n")
      return Interrupts.status
    }
    return ExitStatus.success
  }
}
