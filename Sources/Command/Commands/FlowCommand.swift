internal import EbbExecution
internal import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies
internal import EbbTensors
internal import EbbTransforms

/// `ebb flow`: the gradient of one cell through time.
struct FlowCommand: Command {
  let name = "flow"
  let summary = "shows how the gradient flows back through the states of a cell"
  let discussion = """
    The loss reads the cell's output in a random direction of length 1, so ‖dL/dh‖ is 1 where it is read. Norms are
    over the features of a sample, then averaged over the samples. Total counts every later use of a state, direct
    only those within the step.
    """
  let options: [Option] =
    [
      .cell, .given, .length(200), .hidden(64), .input(8), .batch(16), .seed,
      Option(
        "loss", "last|all", FlowExperiment.Loss.self, "the loss reads the last output, or the mean of all",
        standard: .last),
      Option("gain", "FACTOR", "multiplies the recurrent weights", standard: "1"),
      Option("clip", "NORM", "clips each state's gradient inside the recurrence to this norm"),
      Option(flag: "unrolled", "runs a copy of each equation for every step"),
    ] + FlowSections.options + [
      .threads, .precision,
      .json(),
      Option("report", "FILE", "writes a page with all pictures of the cell")
        .with(letter: "o", values: .written([.html])),
      .figures,
    ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let name = options.cellName(of: context.cells)
    let units = try options.integer("hidden")
    let experiment = try FlowExperiment(options)
    let cell = try context.cells.cell(name, units: units)
    try context.checkCanSave(to: options.text("json"), options.text("report"))
    try context.checkCanSaveFigures(options)
    try context.announce(
      name, cell,
      WorkSizes(
        length: experiment.length, batch: experiment.batch, features: experiment.features, units: units,
        element: experiment.element, isUnrolled: experiment.run.isUnrolled, execution: experiment.run.execution))
    context.activity?.begin("measuring \(name)")
    let profile = try Diagnostics.gradientProfile(of: experiment.trial(of: cell))
    let sections = try FlowSections(options, cell, experiment, profile, context)
    context.show(options) { output in
      show(profile, name, units, experiment, context)
      for section in sections.all { output.write("\n" + section.text) }
    }
    context.saveNumbers(options, json(profile, name, units, experiment, sections))
    context.activity?.begin("drawing the report")
    if options.isGiven("report") || options.isGiven("figures") {
      let report = try Diagnostics.cellReport(cell, experiment, profile: profile)
      context.savePage(report.page(cell: name, units: units), to: options.text("report"), options)
    }
    return ExitStatus.success
  }

  private func show(
    _ profile: GradientProfile, _ name: String, _ units: Int, _ experiment: FlowExperiment, _ context: CommandContext
  ) {
    let output = context.output
    let reads = experiment.loss == .last ? "loss at the last step" : "loss at all steps"
    let title = "\(name): ‖dL/dhₜ‖ over \(experiment.length) steps, \(units) units, \(reads)"
    output.write(profile.chart(title: title).terminal(output.style) + "\n")
    output.write(profile.table().terminal(output.style))
    guard experiment.clip != nil else { return }
    for remark in [""] + profile.clippingRemarks(of: experiment.batch) { output.write(remark + "\n") }
  }

  private func json(
    _ profile: GradientProfile, _ name: String, _ units: Int, _ experiment: FlowExperiment, _ sections: FlowSections
  ) -> JSONValue {
    var object = JSONObject()
    object["cell"] = .string(name)
    object["units"] = .integer(units)
    object["experiment"] = experiment.json
    object["profile"] = profile.json
    for section in sections.all { object[section.option] = section.numbers }
    return .object(object)
  }
}

extension FlowExperiment {
  /// The experiment that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let bits: Precision = try options.choice("precision")
    try options.check(
      WorkSizes(
        length: options.integer("length"), batch: options.integer("batch"), features: options.integer("input"),
        units: options.integer("hidden")))
    self.init(
      length: try options.integer("length"), features: try options.integer("input"),
      batch: try options.integer("batch"), seed: try options.seed(), loss: try options.choice("loss"),
      gain: try options.number("gain") ?? 1, clip: try options.positive("clip").map { .norm($0) },
      element: bits.element, run: RunOptions(try options.execution(), isUnrolled: options.isGiven("unrolled")))
  }
}

/// The precision of floats, as users give it.
enum Precision: String, CaseIterable {
  case single = "32"
  case double = "64"

  var element: ElementType {
    switch self {
    case .single: .float32
    case .double: .float64
    }
  }
}

extension Option {
  static let precision = Option("precision", "32|64", Precision.self, "bits of a float", standard: .single)
}
