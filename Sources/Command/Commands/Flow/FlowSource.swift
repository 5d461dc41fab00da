internal import EbbDiagnostics
internal import EbbExecution
internal import EbbMarkup
internal import EbbRecording
internal import EbbStudies
internal import EbbTensors

/// What `ebb flow` measures: a cell with random inputs, or a trained network on data; and how it is worded.
struct FlowSource {
  var subject: any FlowSubject
  /// The name in titles.
  var name: String
  /// The words for the cell's units in titles, with a comma; empty for a network, whose sizes are among the lines.
  var units = ""
  /// What is written before the results, one line each.
  var lines: [String] = []
  /// The words for the page; nil for those of a cell.
  var page: CellReport.Subject?
  /// The members of the JSON before the measurements.
  var json: [(String, JSONValue)]
  /// Whether a measurement that the network does not allow is left out, and not an error.
  var leavesOut = false

  var experiment: FlowExperiment { subject.experiment }

  /// A cell of the program, or equations.
  init(_ cell: CellExperiment, _ name: String, units: Int) {
    subject = cell
    self.name = name
    self.units = "\(units) units, "
    json = FlowCommand.json(of: name, units, cell.experiment)
  }

  /// A trained network.
  init(
    _ experiment: NetworkExperiment, name: String, lines: [String], page: CellReport.Subject,
    json: [(String, JSONValue)]
  ) {
    subject = experiment
    (self.name, self.lines, self.page, self.json) = (name, lines, page, json)
    leavesOut = true
  }

  func report(_ flow: GradientFlow) throws(DiagnosticError) -> CellReport {
    var report = try Self.report(subject, flow)
    report.subject = page
    return report
  }

  private static func report(
    _ subject: some FlowSubject, _ flow: GradientFlow
  ) throws(DiagnosticError) -> CellReport {
    try Diagnostics.cellReport(of: subject, flow: flow)
  }
}
