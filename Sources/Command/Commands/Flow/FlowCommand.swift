internal import EbbDiagnostics
internal import EbbExecution
internal import EbbGraph
internal import EbbMarkup
internal import EbbRecording
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

    With --weights the network is a trained one. Its cell, layers, directions and sizes, an embedding before it and a
    read-out after it are found from the names and shapes of the file's tensors; --cell takes another cell for them. With
    --data it reads real sequences, and with targets the loss compares its outputs with them: the loss of a sample is the
    mean over its own steps, that of the batch the mean over the samples. A model of tokens is compared with the next
    token. --length and --batch then take the first steps and samples, or the windows of a text.
    """
  let options: [Option] =
    [
      .cell, .given, .length(200), .hidden(64), .input(8), .batch(16), .seed, .seeds,
      FlowLoss.option,
      Option("gain", "FACTOR", "multiplies the recurrent weights", standard: "1"),
      Option("clip", "NORM", "clips each state's gradient inside the recurrence to this norm"),
      Option(flag: "unrolled", "runs a copy of each equation for every step"),
    ] + TrainedFlow.options + FlowSections.options + [
      .threads, .underflow, .device, .devices, .precision,
      .json(),
      Option("report", "FILE", "writes a page with all pictures of the cell")
        .with(letter: "o", values: .written([.html])),
      Option("watch", "FILE", "writes a page of the gradient again whenever the equations' file is saved, until Ctrl-C")
        .with(values: .written([.html])),
      .figures,
    ]
  let followingOption: String? = "watch"

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let alone = (FlowSections.options + TrainedFlow.options).map(\.name) + ["watch"]
    if let seeds = try options.severalSeeds(without: alone) { return try run(seeds, options, context) }
    let source = try source(options, context)
    guard let source else { return try watch(options, context) }
    try context.checkCanSave(to: options.text("json"), options.text("report"))
    try context.checkCanSaveFigures(options)
    try announce(source, options, context)
    context.activity?.begin("measuring \(source.name)")
    let flow = try Diagnostics.gradientFlow(of: source.subject.trial(loss: .loss))
    let sections = try FlowSections(options, source, flow, context)
    context.show(options) { output in
      show(flow, source, context)
      for section in sections.all { output.write("\n" + section.text) }
    }
    context.saveNumbers(options, Self.json(flow, source.json, sections.all))
    context.activity?.begin("drawing the report")
    if options.isGiven("report") || options.isGiven("figures") {
      let units = source.page == nil ? try options.integer("hidden") : nil
      let report = try source.report(flow)
      context.savePage(report.page(cell: source.name, units: units), to: options.text("report"), options)
    }
    return ExitStatus.success
  }

  /// What is measured; nil if a file of equations is followed.
  private func source(_ options: ParsedOptions, _ context: CommandContext) throws -> FlowSource? {
    if options.isGiven("weights") { return try TrainedFlow(options, context).source() }
    try TrainedFlow.checkAbsent(options)
    if options.isGiven("watch") { return nil }
    let (name, units) = (options.cellName(of: context.cells), try options.integer("hidden"))
    let experiment = try FlowExperiment(options)
    let cell = CellExperiment(try context.cells.cell(name, units: units), experiment)
    try FlowLoss(options).checkValue(of: cell)
    return FlowSource(cell, name, units: units)
  }

  private func watch(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let (name, units) = (options.cellName(of: context.cells), try options.integer("hidden"))
    return try watch(name, units, try FlowExperiment(options), options, context)
  }

  func announce(_ source: FlowSource, _ options: ParsedOptions, _ context: CommandContext) throws {
    let experiment = source.experiment
    guard source.page != nil else {
      return try context.announce(
        source.name, source.subject.cell, experiment.sizes(units: options.integer("hidden")))
    }
    // Nothing is drawn, and the units are those of the file.
    let estimate = try WorkEstimate(
      of: source.subject.trial(loss: .loss).recording, lengths: ["t": experiment.length, "b": experiment.batch],
      execution: experiment.run.execution)
    var silent = estimate
    silent.drawing = 0
    try context.announce(source.name, silent, experiment.sizes(units: 1), lengthName: "--length")
  }

  private func show(_ flow: GradientFlow, _ source: FlowSource, _ context: CommandContext) {
    let (output, experiment) = (context.output, source.experiment)
    for line in source.lines { output.write(line + "\n") }
    if source.page != nil { output.write("the loss is \(readableNumber(flow.loss, digits: 6))\n\n") }
    let reads = "loss " + (experiment.value.map { "of \($0) " } ?? "") + "\(experiment.loss)"
    let title = "\(source.name): ‖dL/dhₜ‖ over \(experiment.length) steps, \(source.units)\(reads)"
    output.write(flow.chart(title: title).terminal(output.style) + "\n")
    output.write(flow.table().terminal(output.style))
    guard experiment.clip != nil else { return }
    for remark in [""] + flow.clippingRemarks(of: experiment.batch) { output.write(remark + "\n") }
  }

  /// The members that name a cell and its experiment.
  static func json(of name: String, _ units: Int, _ experiment: FlowExperiment) -> [(String, JSONValue)] {
    [("cell", .string(name)), ("units", .integer(units)), ("experiment", experiment.json)]
  }

  static func json(
    _ flow: GradientFlow, _ members: [(String, JSONValue)], _ sections: [FlowSections.Section] = []
  ) -> JSONValue {
    var object = JSONObject()
    for (name, value) in members { object[name] = value }
    object["profile"] = flow.json
    for section in sections { object[section.option] = section.numbers }
    return .object(object)
  }
}

extension FlowExperiment {
  /// The experiment that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let bits: Precision = try options.choice("precision")
    let loss = try FlowLoss(options)
    if let comparison = loss.comparison {
      throw UsageError("--loss \(FlowLoss.word(comparison)) compares with targets, which need --weights and --data")
    }
    guard loss.isAtEnds != true else {
      throw UsageError(
        "--loss ends reads each direction's own last step, and a cell has one; it goes with --weights"
      )
    }
    try loss.checkStep(upTo: options.integer("length"))
    try options.check(
      WorkSizes(
        length: options.integer("length"), batch: options.integer("batch"), features: options.integer("input"),
        units: options.integer("hidden")))
    self.init(
      length: try options.integer("length"), features: try options.integer("input"),
      batch: try options.integer("batch"), seed: try options.seed(), loss: loss.place ?? .last,
      value: loss.value, gain: try options.number("gain") ?? 1, clip: try options.positive("clip").map { .norm($0) },
      element: bits.element, run: RunOptions(try options.execution(), isUnrolled: options.isGiven("unrolled")))
  }
}

extension FlowExperiment {
  /// The sizes of its work.
  func sizes(units: Int) -> WorkSizes {
    WorkSizes(
      length: length, batch: batch, features: features, units: units, element: element, isUnrolled: run.isUnrolled,
      execution: run.execution)
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
