internal import EbbApplications
internal import EbbDiagnostics
internal import EbbEquations
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
    Option(
      "format", "FORMAT", Format.self,
      "the recorded cell or its gradient as equations: latex, text (Unicode) or swift; a graph as a listing of its operations, dot or svg (that of FILE, or listing)"
    ),
    Option(
      "output", "FILE", "writes there instead of to standard output; .txt, .tex, .swift, .dot or .svg tell the format",
      standard: "-"
    )
    .with(letter: "o", values: .written([.text, .latex, .swift, .dot, .svg])),
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
    case latex, text, swift, listing, dot, svg

    init(_ file: FileFormat) {
      switch file {
      case .latex: self = .latex
      case .swift: self = .swift
      case .dot: self = .dot
      case .svg: self = .svg
      case .text, .html, .json, .jsonLines, .csv, .safetensors, .npz, .npy, .torch, .hdf5, .keras, .onnx,
        .stableHLO:
        self = .listing
      }
    }

    /// Whether it writes equations.
    var isEquations: Bool { self == .latex || self == .text || self == .swift }
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    var emission: Emission = try options.choice("emit")
    var format = try format(options)
    // Equations are those of the cell unless its gradient is asked for.
    if format.isEquations, !options.isGiven("emit") { emission = .recorded }
    if !emission.isGraph, format == .text { format = .listing }
    if format.isEquations, emission != .recorded, emission != .gradient {
      throw UsageError(
        "equations (--format \(format.rawValue)) are those of --emit recorded or gradient; "
          + "--emit \(emission.rawValue) is printed as a listing")
    }
    if !emission.isGraph, format != .listing {
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
    let cell = try context.cells.cell(name, units: units)
    let graphs = try TrainingStepGraph(cell, features: features)
    var (text, numbers) = try contents(emission, format.isEquations ? .listing : format, graphs, options)
    if format.isEquations {
      if options.isGiven("unrolled") { throw UsageError("equations hold for every step; --unrolled is for graphs") }
      text = try Self.equations(of: cell, features, emission, format)
    }
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

  /// The cell, or the cell and its gradient, as equations.
  private static func equations(
    of cell: some RecurrentCell, _ features: Int, _ emission: Emission, _ format: Format
  ) throws -> String {
    let part: CellEquations.Part = emission == .gradient ? .gradient : .cell
    let equations = try CellEquations(of: cell, features: features, part: part)
    switch format {
    case .latex: return equations.latex
    case .swift: return equations.swift(named: typeName(of: cell))
    case .text, .listing, .dot, .svg: return equations.text
    }
  }

  /// The name of the cell's own type; cells that are wrapped or read have none.
  private static func typeName(of cell: some RecurrentCell) -> String {
    let name = String(describing: type(of: cell as Any))
    return name == "EquationCell" || !name.allSatisfy { $0.isLetter || $0.isNumber } ? "Cell" : name
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
    case .latex, .text, .swift, .listing: return (graph.description, graph.json)
    case .dot: return (graph.dot(), graph.json)
    case .svg: return (graph.svg(), graph.json)
    }
  }

  /// The format from `--format` or the file's name; the two must agree.
  private func format(_ options: ParsedOptions) throws(UsageError) -> Format {
    let path = options.text("output") ?? "-"
    let named = FileFormat(ofName: path).map { Format($0) }
    guard options.isGiven("format") else { return named ?? .listing }
    let format: Format = try options.choice("format")
    guard named == nil || named == format || named == .listing && format == .text else {
      throw UsageError("--format \(format.rawValue) does not go with the name '\(path)'; leave one of them out")
    }
    return format
  }
}
