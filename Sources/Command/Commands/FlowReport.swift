internal import EbbDiagnostics
internal import EbbRecording
internal import EbbReport
internal import EbbStudies
internal import EbbTransforms

/// The page of `ebb flow`.
enum FlowReport {
  static let option = Option("report", "FILE", "writes a page with all pictures of the cell")
    .with(letter: "o", values: .written([.html]))

  /// Measures the page's contents beyond the profile and writes the page, if requested.
  static func write(
    _ options: ParsedOptions, _ name: String, _ cell: any RecurrentCell, _ experiment: FlowExperiment,
    _ profile: GradientProfile, _ context: CommandContext
  ) throws {
    guard let path = options.text("report") else { return }
    let cellReport = try Diagnostics.cellReport(cell, experiment, profile: profile)
    context.save(try cellReport.page(cell: name, units: options.integer("hidden")).html(), to: path)
  }
}
