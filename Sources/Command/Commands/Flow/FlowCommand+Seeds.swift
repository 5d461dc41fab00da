internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies

extension FlowCommand {
  /// The gradient of a cell with several seeds, one after the other.
  func run(_ seeds: [UInt64], _ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let (name, units) = (options.cellName(of: context.cells), try options.integer("hidden"))
    let experiment = try FlowExperiment(options)
    let cell = try context.cells.cell(name, units: units)
    let subject = CellExperiment(cell, experiment)
    try FlowLoss(options).checkValue(of: subject)
    try context.checkCanSave(to: options.text("json"), options.text("report"))
    try context.checkCanSaveFigures(options)
    try announce(FlowSource(subject, name, units: units), options, context)
    context.activity?.begin("measuring \(name)")
    let flows = try seeds.map { seed -> GradientFlow in
      var experiment = experiment
      experiment.seed = seed
      return try Diagnostics.gradientFlow(of: experiment.trial(of: cell))
    }
    let runs = FlowRuns(seeds: seeds, flows: flows)
    context.show(options) { output in
      let title = "\(name): ‖dL/dhₜ‖ over \(experiment.length) steps, \(units) units, \(seeds.count) seeds"
      output.write(runs.chart(title: title).terminal(output.style) + "\n")
      output.write(runs.table.terminal(output.style))
      output.write(runs.caption + "\n")
    }
    var numbers = JSONObject(Self.json(of: name, units, experiment))
    for (key, value) in runs.json.object?.members ?? [] { numbers[key] = value }
    context.saveNumbers(options, .object(numbers))
    context.savePage(runs.page(cell: name, units: units, experiment), to: options.text("report"), options)
    return ExitStatus.success
  }
}
