internal import EbbGradientFlow
internal import EbbGraph
internal import EbbPlanning
internal import EbbRecording
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
    .cell, .hidden(64), .input(8),
    Option("emit", "STAGE", Emission.self, "summary, recorded, gradient, optimized or plan", standard: .optimized),
    Option("pass", "PASS", "stops after this pass (with --emit optimized or plan)")
      .with(values: .words(Passes.registry.map(\.name))),
    Option("unrolled", "STEPS", "with a copy of each equation for every one of so many steps"),
    Option("format", "FORMAT", Format.self, "text, dot or svg; a plan and a summary are text (that of FILE, or text)"),
    Option(
      "output", "FILE", "writes there instead of to standard output; .txt, .dot or .svg tell the format", standard: "-"
    )
    .with(letter: "o", values: .written([.text, .dot, .svg])),
  ]

  enum Emission: String, CaseIterable {
    case summary, recorded, gradient, optimized, plan
  }

  enum Format: String, CaseIterable {
    case text, dot, svg
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let emission: Emission = try options.choice("emit")
    let format = try format(options)
    if emission == .plan || emission == .summary, format != .text {
      throw UsageError("a \(emission.rawValue) is written as text, not as \(format.rawValue)")
    }
    let pass = options.text("pass")
    if pass != nil, emission != .optimized, emission != .plan {
      let what = emission == .summary ? "summary" : "\(emission.rawValue) graph"
      throw UsageError("--pass needs --emit optimized or plan: a \(what) went through no pass")
    }
    if let pass, !Passes.registry.contains(where: { $0.name == pass }) {
      let names = Passes.registry.map(\.name)
      throw UsageError(
        "there is no pass \(pass); the passes are \(names.joined(separator: ", "))"
          + Spelling.question(pass, among: names))
    }
    try options.checkSize(
      length: 1, batch: 1, features: options.integer("input"), units: options.integer("hidden"))
    try context.checkCanSave(to: options.text("output"))
    let cell = try context.cells.cell(options.cellName(of: context.cells), units: try options.integer("hidden"))
    let graphs = try StepGraph(cell, features: try options.integer("input"))
    if emission == .summary {
      context.save(graphs.recording.summary().description, to: options.text("output") ?? "-")
      return ExitStatus.success
    }
    var graph = emission == .recorded ? graphs.recording.graph : graphs.gradient
    if let steps = try options.optionalInteger("unrolled", 1...100_000), let time = graph.axis(named: "t") {
      graph = try graph.unrolled(time, steps: steps)
    }
    if emission == .optimized || emission == .plan { graph = try Passes.optimized(graph, through: pass) }
    let text =
      switch (emission, format) {
      case (.plan, _): Plan(graph).description
      case (_, .text): graph.description
      case (_, .dot): graph.dot()
      case (_, .svg): graph.svg()
      }
    context.save(text.hasSuffix("\n") ? text : text + "\n", to: options.text("output") ?? "-")
    return ExitStatus.success
  }

  /// What `--format` says, or else the file's name; the two have to agree.
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
