internal import EbbApplications
internal import EbbDiagnostics
internal import EbbGraph
internal import EbbPictures
internal import EbbPlanning
internal import EbbRecording
internal import EbbMarkup
internal import EbbTraining
internal import EbbTransforms

/// `ebb graph`: the equations of a cell, as recorded, differentiated, optimised and planned.
struct GraphCommand: Command {
  let name = "graph"
  let summary = "prints a cell's graph: as recorded, with its gradient, optimized, or as a plan"
  var discussion: String {
    "The passes, in order:\n"
      + Passes.registry.map { "  \($0.name): \($0.purpose)" }.joined(separator: "\n")
  }
  let options: [Option] = [
    .cell, .given, .hidden(64), .input(8),
    Option(
      "emit", "STAGE", Emission.self,
      "summary, recorded, gradient, optimized or plan; or a step of planning: kernels, stages, sinking, layouts, schedules or storage",
      standard: .optimized),
    Option("pass", "PASS", "stops after this pass (with --emit optimized, plan or a step of planning)")
      .with(values: .words(Passes.registry.map(\.name))),
    Option("unrolled", "STEPS", "with a copy of each equation for every one of so many steps"),
    Option("format", "FORMAT", Format.self, "text, dot or svg; a plan and a summary are text (that of FILE, or text)"),
    Option(
      "output", "FILE", "writes there instead of to standard output; .txt, .dot or .svg tell the format", standard: "-"
    )
    .with(letter: "o", values: .written([.text, .dot, .svg])),
    .json("writes the equations, their types and operands as JSON"),
  ]

  enum Emission: String, CaseIterable {
    case summary, recorded, gradient, optimized, plan
    case kernels, stages, sinking, layouts, schedules, storage

    /// The step of planning; nil before planning and for the plan.
    var step: PlanningStep? { PlanningStep(rawValue: rawValue) }
    /// Whether it is derived from a graph after the passes.
    var isOptimized: Bool { self == .optimized || self == .plan || step != nil }
    /// Whether it is a graph, which can be drawn.
    var isGraph: Bool { self == .recorded || self == .gradient || self == .optimized }
  }

  enum Format: String, CaseIterable {
    case text, dot, svg
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let emission: Emission = try options.choice("emit")
    let format = try format(options)
    if !emission.isGraph, format != .text {
      let what = emission.step == nil ? "a \(emission.rawValue)" : "a step of planning"
      throw UsageError("\(what) is written as text, not as \(format.rawValue)")
    }
    let pass = options.text("pass")
    if pass != nil, !emission.isOptimized {
      let what = emission == .summary ? "summary" : "\(emission.rawValue) graph"
      throw UsageError("--pass needs --emit optimized or plan: a \(what) went through no pass")
    }
    let names = Passes.registry.map(\.name)
    if let pass, !names.contains(pass) {
      throw UsageError(unknown: pass, "pass", plural: "passes", among: names)
    }
    try options.check(
      WorkSizes(length: 1, batch: 1, features: options.integer("input"), units: options.integer("hidden")))
    try context.checkCanSave(to: options.text("output"), options.text("json"))
    let (name, units) = (options.cellName(of: context.cells), try options.integer("hidden"))
    let features = try options.integer("input")
    let graphs = try TrainingStepGraph(try context.cells.cell(name, units: units), features: features)
    let (text, numbers) = try contents(emission, format, graphs, options)
    // Not where only JSON goes to its destination.
    let path = options.text("output") ?? "-"
    if path != "-" || options.text("json") != "-" { context.save(text.hasSuffix("\n") ? text : text + "\n", to: path) }
    var object = JSONObject()
    object["cell"] = .string(name)
    object["units"] = .integer(units)
    object["features"] = .integer(features)
    object["emit"] = .string(emission.rawValue)
    for (key, value) in numbers.object?.members ?? [] { object[key] = value }
    context.saveNumbers(options, .object(object))
    return ExitStatus.success
  }

  /// The requested stage, as text and as numbers.
  private func contents(
    _ emission: Emission, _ format: Format, _ graphs: TrainingStepGraph, _ options: ParsedOptions
  ) throws -> (text: String, numbers: JSONValue) {
    if emission == .summary {
      let summary = graphs.recording.summary()
      return (summary.description, summary.json)
    }
    var graph = emission == .recorded ? graphs.recording.graph : graphs.gradient
    if let steps = try options.optionalInteger("unrolled", 1...100_000), let time = graph.axis(named: "t") {
      graph = try graph.unrolled(time, steps: steps)
    }
    if emission.isOptimized { graph = try Passes.optimized(graph, through: options.text("pass")) }
    if let step = emission.step {
      let text = step.text(graph)
      return (text, ["lines": .strings(text.split(separator: "\n").map(String.init))])
    }
    if emission == .plan {
      let plan = Plan(graph)
      return (plan.description, plan.json)
    }
    switch format {
    case .text: return (graph.description, graph.json)
    case .dot: return (graph.dot(), graph.json)
    case .svg: return (graph.svg(), graph.json)
    }
  }

  /// The format from `--format` or the file's name; the two must agree.
  private func format(_ options: ParsedOptions) throws(UsageError) -> Format {
    let path = options.text("output") ?? "-"
    let named = FileFormat(ofName: path).flatMap { Format(rawValue: $0.rawValue) }
    guard options.isGiven("format") else { return named ?? .text }
    let format: Format = try options.choice("format")
    guard named == nil || named == format else {
      throw UsageError("--format \(format.rawValue) does not go with the name '\(path)'; leave one of them out")
    }
    return format
  }
}
