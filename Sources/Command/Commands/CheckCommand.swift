internal import EbbExecution
internal import EbbDiagnostics
internal import EbbMarkup
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
    at its value; clipping and truncation are left out.
    """
  let options: [Option] = [
    .cell, .given, .length(6), .hidden(5), .input(3), .batch(2), .seed,
    Option("elements", "COUNT", "of a larger value so many elements are checked, evenly spaced", standard: "200"),
    Option("tolerance", "ERROR", "the largest error that passes", standard: "1e-6"),
    .json().with(letter: "o"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let name = options.cellName(of: context.cells)
    let tolerance = try options.positive("tolerance") ?? 1e-6
    let settings = GradientCheck.Settings(
      length: try options.integer("length"), features: try options.integer("input"),
      batch: try options.integer("batch"), seed: try options.seed(),
      elementsPerValue: try options.integer("elements"))
    let sizes = WorkSizes(
      length: settings.length, batch: settings.batch, features: settings.features,
      units: try options.integer("hidden"), element: .float64)
    let cell = try context.cells.cell(name, units: sizes.units)
    try options.check(sizes)
    try context.checkCanSave(to: options.text("json"))
    try context.announce(name, cell, sizes)
    context.activity?.begin("comparing")
    let check = try GradientCheck.run(cell, settings)
    let passes = check.largestError <= tolerance
    context.show(options) { output in
      output.write(check.table.terminal(output.style))
      let verdict = passes ? "All within" : "NOT within"
      if !check.surrogates.isEmpty {
        output.write("\nDeclared gradients: \(check.surrogates.joined(separator: "; "))\n")
      }
      output.write("\n\(verdict) \(tolerance) of central differences: \(readableNumber(check.largestError))\n")
    }
    context.saveNumbers(options, check.json(cell: name))
    return passes ? ExitStatus.success : ExitStatus.failure
  }
}
