internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining

/// The gradient through time of a training: in the terminal, on a page, in TensorBoard and among the numbers.
final class TrainingGradients {
  /// The options, with a description of the page.
  static func options(report: Option = report) -> [Option] {
    [
      report, .figures, PageWatcher.option("training"),
      Option(
        "gradients-every", "STEPS",
        "training steps between measurements of the gradient through time "
          + "(\(GradientMonitor.interval(direct: false)), with --direct \(GradientMonitor.interval(direct: true)); "
          + "more in a long training)"),
      Option(flag: "direct", "measures the direct gradients too, those of uses within the step"),
    ]
  }
  static let report = Option("report", "FILE", "writes a page: losses, and the gradient through time")
    .with(values: .written([.html]))

  private let options: ParsedOptions
  private let interval: Int?
  private let context: CommandContext
  private var page: TrainingPage?
  private var watcher: PageWatcher?
  private var evaluations: TrainingEvaluations?
  private var monitor: GradientMonitor?

  /// Throws if the options do not go together.
  init(_ options: ParsedOptions, _ context: CommandContext) throws {
    (self.options, self.context) = (options, context)
    interval = try options.optionalInteger("gradients-every")
    if options.isGiven("watch") {
      guard let path = options.text("report"), path != "-", FileFormat(ofName: path) != .svg else {
        throw UsageError("--watch needs a page that a browser can load again: --report FILE.html")
      }
    }
    for name in ["gradients-every", "direct"] where options.isGiven(name) && !isRecorded {
      throw UsageError("--\(name) is about what is recorded; give --report, --tensorboard or --json too")
    }
  }

  /// Whether anything shows more than the first and the last measurement.
  private var isRecorded: Bool {
    let report = options.text("report").map { FileFormat(ofName: $0) != .svg } ?? false
    return report || options.text("figures") != nil || options.text("tensorboard") != nil || options.text("json") != nil
  }

  /// From now on the steps of the trainer are recorded.
  func begin(_ trainer: Trainer, _ page: TrainingPage) throws {
    self.page = page
    evaluations = TrainingEvaluations(trainer)
    if options.isGiven("watch"), let path = options.text("report") {
      watcher = PageWatcher(path, of: "training", context)
    }
    monitor = try GradientMonitor(
      trainer, every: isRecorded ? interval : .max, direct: options.isGiven("direct"))
  }

  /// Takes the results of a step and updates the page, if it is watched and an update is due.
  func note(
    _ state: TrainingProgress, _ trainer: Trainer, text: String, _ measured: KeyValuePairs<String, Double>
  ) {
    evaluations?.add(measured, of: trainer)
    watcher?.update(
      "Training: \(state.completed) of at most \(state.total) steps, \(text)",
      fraction: Double(state.completed) / Double(max(1, state.total)), context.output
    ) { page([], running: $0) }
  }

  /// What was recorded; nil before the training begins.
  var history: GradientHistory? { monitor?.history }

  /// The last measurement.
  var latest: GradientHistory.Measurement? { monitor?.latest }

  /// A line or two for the terminal.
  var lines: [String] { monitor?.history.lines ?? [] }

  /// The parts of a page on the gradients.
  var sections: [HTMLReport.Section] { monitor?.history.sections() ?? [] }

  /// Sentences for a page on the gradients, and how they were measured.
  var findings: [String] { monitor?.history.findings ?? [] }
  var details: [HTMLReport.Detail] { monitor?.history.details ?? [] }

  /// The whole page.
  ///
  /// - Parameter findings: Sentences on the result of the training.
  func page(_ findings: [String], running: HTMLReport.Running? = nil) -> HTMLReport {
    guard let page, let history = monitor?.history else {
      return HTMLReport(title: page?.title ?? "", lead: page?.lead ?? "", findings: findings, sections: [])
    }
    return history.page(
      title: page.title, lead: page.lead, findings: findings, evaluations: evaluations?.losses(page) ?? [],
      charts: evaluations?.charts(page) ?? [], details: page.details, running: running)
  }

  /// A command's numbers with those of the gradients.
  func numbers(_ json: JSONValue) -> JSONValue {
    guard let monitor, case .object(var object) = json, case .object(var history) = monitor.history.json else {
      return json
    }
    // The losses of the steps are already among the numbers of every training.
    if object["losses"] != nil { history["losses"] = nil }
    object["gradientsThroughTime"] = .object(history)
    return .object(object)
  }
}
