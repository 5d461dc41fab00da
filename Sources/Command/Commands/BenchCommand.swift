internal import EbbExecution
internal import EbbGradientFlow
internal import EbbRecording
internal import EbbReport

/// `ebb bench`: how long a training step takes.
struct BenchCommand: Command {
  let name = "bench"
  let summary = "times a training step of cells: forward, and backward to every parameter"
  let discussion = """
    The loss is the mean of the squares of all outputs, in float32; a size is T steps, B samples, I features and H
    units. The median of the runs is shown; first_s is the time from recording to the first result, less one run.
    """
  let options: [Option] = [
    .cells("rnn,lstm,gru,peephole,mgu,lnlstm"),
    Option("sizes", "NAMES", "XS, S, M, L or LONG, with commas between them", standard: "XS,S,M,L,LONG"),
    Option("shape", "T,B,I,H", "one size of your own instead"),
    .threads,
    Option("runs", "COUNT", "timed runs of each", standard: "7"),
    Option(flag: "norms", "computes the gradient's norm at every timestep as well"),
    Option(flag: "json", "writes one JSON object a line"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let names = try options.cellNames(of: context.cells)
    let sizes = try sizes(options)
    let runs = try options.integer("runs", 1...1_000_000)
    let execution = ExecutionOptions(threads: try options.integer("threads", 1...256))
    for name in names { _ = try context.cells.cell(name, units: 1) }
    for size in sizes {
      try options.checkSize(length: size.length, batch: size.batch, features: size.features, units: size.units)
    }
    let output = context.output
    var rows: [(cell: String, result: StepBenchmark)] = []
    var progress = ProgressLine(
      "bench", total: names.count * sizes.count, unit: "steps", style: output.style, isTerminal: output.isTerminal,
      write: output.writeError)
    for size in sizes {
      for name in names {
        if !options.isGiven("json") { progress.update(rows.count, note: "\(name) \(size.name)") }
        let cell = try context.cells.cell(name, units: size.units)
        let result = try StepBenchmark.measure(
          cell, size, runs: runs, gradientNorms: options.isGiven("norms"), execution: execution)
        rows.append((name, result))
        if options.isGiven("json") { output.write(result.json(cell: name).text(indented: false) + "\n") }
      }
    }
    progress.clear()
    if !options.isGiven("json") { output.write(StepBenchmark.table(rows).terminal(output.style)) }
    return ExitStatus.success
  }

  private func sizes(_ options: ParsedOptions) throws(UsageError) -> [StepBenchmark.Size] {
    if options.isGiven("shape") {
      let numbers = try options.list("shape").map { Int($0) ?? 0 }
      guard numbers.count == 4, numbers.allSatisfy({ $0 >= 1 }) else {
        throw UsageError("--shape takes four whole numbers of at least 1: T,B,I,H")
      }
      return [
        .init("custom", length: numbers[0], batch: numbers[1], features: numbers[2], units: numbers[3])
      ]
    }
    var sizes: [StepBenchmark.Size] = []
    for name in try options.list("sizes") {
      guard let size = StepBenchmark.Size.all.first(where: { $0.name == name }) else {
        let known = StepBenchmark.Size.all.map(\.name).joined(separator: ", ")
        throw UsageError("there is no size \(name); the sizes are \(known)")
      }
      sizes.append(size)
    }
    return sizes
  }
}
