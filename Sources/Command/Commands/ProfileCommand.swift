internal import EbbBench
internal import EbbExecution
internal import EbbDiagnostics
internal import EbbMarkup
internal import EbbPlanning
internal import EbbReport

/// `ebb profile`: where the time of a training step goes.
struct ProfileCommand: Command {
  let name = "profile"
  let summary = "tells where the time of a cell's training step goes, stage by stage"
  let discussion = """
    Of so many runs, the one of median duration is shown. A run is cut into jobs, which threads take as they become
    ready, so stages overlap: the span of a stage is from its first job to its last, work is what all threads together
    spent on it. GFLOP/s are those of its products if all threads worked on it; the roof is the rate of nothing but one
    large product. MB are what instructions read and write, in whichever cache it lies; a vector is an operation on 128
    bytes, of a product or an elementwise program. Operations that no kernel computes are named below, with what to write
    instead.
    """
  let options: [Option] = [
    .cell, .given,
    .sizes("XS, S, M, L or LONG, as of ebb bench, with commas between them", standard: "M"),
    .shape, .threads, .underflow,
    Option("runs", "COUNT", "profiled runs", standard: "7"),
    Option("trace", "FILE", "writes every job as a trace that Perfetto opens (ui.perfetto.dev)")
      .with(values: .written([.json])),
    .json().with(letter: "o"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let name = options.cellName(of: context.cells)
    let sizes = try options.stepSizes("sizes")
    for file in ["trace", "json"] where sizes.count > 1 && options.text(file) != nil {
      throw UsageError("--\(file) takes one size")
    }
    let runs = try options.integer("runs", 1...1_000_000)
    let execution = try options.execution()
    try context.checkCanSave(to: options.text("trace"), options.text("json"))
    for (index, size) in sizes.enumerated() {
      let cell = try context.cells.adding(.benchmarks).cell(name, units: size.units)
      try context.announce("\(name) \(size.name)", cell, WorkSizes(size, execution), notesFallbacks: false)
      let profile = try TrainingStepProfile.measure(cell, size, runs: runs, execution: execution)
      context.show(options) { output in
        if index > 0 { output.write("\n") }
        output.write("\(name), \(size.summary)\n\(Machine.current.summary(rate: profile.rate))\n\n")
        output.write(profile.stageTable.terminal(output.style) + "\n")
        output.write(profile.instructionTable.terminal(output.style))
        for fallback in profile.plan.fallbacks { output.write("\nSlow: \(fallback)\n") }
      }
      if let file = options.text("trace") { context.save(profile.trace(cell: name).text(), to: file) }
      context.saveNumbers(options, profile.json(cell: name))
    }
    return ExitStatus.success
  }
}
