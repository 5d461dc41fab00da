internal import EbbExecution
internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbPJRT
internal import EbbPlanning
internal import EbbReport
internal import EbbTensors

/// `ebb check`: the gradients of a cell against central differences.
struct CheckCommand: Command {
  let name = "check"
  let summary = "compares every gradient of a cell with central differences"
  let discussion = """
    In Float64, with a random loss at every step. The error is relative to the larger of the two derivatives. Fails
    where one is above the tolerance. The cell runs as in training; what it draws at random is the same in every run.
    Where the cell declares a gradient that is not its derivative, that one is compared: what stopGradient stops is held
    at its value, withGradient is compared with what it declares; clipping and truncation are left out. Operations that no
    kernel computes are named, with what to write instead. Without --hidden and --input, sizes are tried until the cell
    can be recorded.
    """
  let options: [Option] = [
    .cell, .given, .length(6), .hidden(5), .input(3), .batch(2), .seed,
    Option("elements", "COUNT", "of a larger value so many elements are checked, evenly spaced", standard: "200"),
    Option("tolerance", "ERROR", "the largest error that passes", standard: "1e-6"),
    .device, .devices, .json().with(letter: "o"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let name = options.cellName(of: context.cells)
    let tolerance = try options.positive("tolerance") ?? 1e-6
    var settings = GradientCheck.Settings(
      length: try options.integer("length"), features: try options.integer("input"),
      batch: try options.integer("batch"), seed: try options.seed(),
      elementsPerValue: try options.integer("elements"))
    settings.execution.device = try options.device()
    let (units, features) = try fittingSizes(of: name, settings, options, context)
    settings.features = features
    let sizes = WorkSizes(
      length: settings.length, batch: settings.batch, features: features, units: units, element: .float64)
    let cell = try context.cells.cell(name, units: units)
    try options.check(sizes)
    try context.checkCanSave(to: options.text("json"))
    try context.announce(name, cell, sizes, notesFallbacks: false)
    let asked = (units: try options.integer("hidden"), features: try options.integer("input"))
    if (units, features) != asked {
      context.output.writeError("\(name) is checked with \(units) units and \(features) features, which fit it\n")
    }
    context.activity?.begin("comparing")
    let check = try GradientCheck.run(cell, settings)
    let passes = check.largestError <= tolerance
    var comparison: DeviceComparison?
    var arithmetic: String?
    if let device = settings.execution.device {
      comparison = try DeviceComparison.run(cell, settings, on: device)
      arithmetic = try device.arithmetic()
    }
    context.show(options) { output in
      output.write(check.table.terminal(output.style))
      let verdict = passes ? "All within" : "NOT within"
      if !check.surrogates.isEmpty {
        output.write("\nDeclared gradients: \(check.surrogates.joined(separator: "; "))\n")
      }
      for fallback in check.fallbacks { output.write("\nSlow: \(fallback)\n") }
      output.write("\n\(verdict) \(tolerance) of central differences: \(readableNumber(check.largestError))\n")
      guard let comparison, let arithmetic else { return }
      output.write("\n" + comparison.table.terminal(output.style))
      output.write("\nDifferences are from Ebb's kernels in 64 bits, relative to the largest number.\n\(arithmetic)\n")
    }
    let there = comparison.map { ["arithmetic": .string(arithmetic ?? ""), "outputs": $0.json] as JSONValue }
    context.saveNumbers(options, check.json(cell: name, device: there))
    return passes ? ExitStatus.success : ExitStatus.failure
  }

  /// The units and features of the check: those that were asked for, or else the first with which the cell can be
  /// recorded. Heads divide some sizes, and a residual connection has as many features as units.
  private func fittingSizes(
    of name: String, _ settings: GradientCheck.Settings, _ options: ParsedOptions, _ context: CommandContext
  ) throws -> (units: Int, features: Int) {
    let asked = (try options.integer("hidden"), settings.features)
    let unitChoices = options.isGiven("hidden") ? [asked.0] : [asked.0, 4, 6, 8, 12, 16, 9, 10, 7, 3, 2, 1]
    for units in unitChoices {
      let cell = try context.cells.cell(name, units: units)
      for features in options.isGiven("input") ? [asked.1] : [asked.1, units] {
        var tried = settings
        tried.features = features
        if GradientCheck.canRecord(cell, tried) { return (units, features) }
      }
    }
    // The check then says what is wrong.
    return asked
  }
}
