internal import EbbBench
internal import EbbExecution
internal import EbbDiagnostics

/// `ebb bench`: the time of a training step.
struct BenchCommand: Command {
  let name = "bench"
  let summary = "times a training step of cells: forward, and backward to every parameter"
  let discussion = """
    The loss is the mean of the squares of all outputs, in float32; a size is T steps, B samples, I features and H
    units. The median of the runs is shown; first_s is the time from recording to the first result, less one run.
    The rate counts the arithmetic of products; the roof is the rate of nothing but one large product.

    --compare times the same work in PyTorch and JAX, each row in turn: Ebb, the others, Ebb again, and so on
    for a number of rounds. Medians count; of the two in the middle of an even number, Ebb's slower and the others'
    faster one. The ratio is the best of the others over Ebb's. JAX also has mamba, s4d, rwkv, lif, hyperlstm, odernn
    and convlstm, with a scan in parallel or a convolution where the recurrence allows it, and memories that are
    matrices: mlstm, deltanet, fastweights, ntm (a neural Turing machine) and windowattention, attention over the last 16
    steps; the last two have a name here and in profile only. lstmn attends to all steps before.

    --training times whole training steps of the applications instead, as text, sentiment and forecast train make them:
    forward, backward, clipping and the optimizer, of a language model of characters, of a classifier of reviews and of
    a forecast. With --compare the same steps are timed in PyTorch, once their first losses have been compared.

    At Ctrl-C it ends after the row that Ebb is at, and the rows before are shown and written.
    """
  let options: [Option] = [
    .cells("rnn,lstm,gru,peephole,mgu,lnlstm"), .given,
    .sizes("XS, S, M, L or LONG, with commas between them", standard: "XS,S,M,L,LONG"),
    .shape, .threads, .underflow, .device, .devices,
    Option("runs", "COUNT", "timed runs of each, at least", standard: "7"),
    Option("seconds", "SECONDS", "runs are added until so much time is measured", standard: "0.2"),
    Option(flag: "norms", "computes the gradient's norm at every timestep as well"),
    Option(flag: "training", "times whole training steps of the applications instead of cells"),
    Option(
      "tasks", "NAMES", "which of them, with commas between them", standard: "characters,reviews,forecast"),
    Option("compare", "PYTHON", "an interpreter with torch, jax or both to compare with"),
    Option("rounds", "COUNT", "how often each row is compared", standard: "1"),
    Option("peers", "FILE", "a script of your own for it"),
    .json("writes each row's numbers: in a .json file as an array, else one JSON object a line", [.jsonLines, .json])
      .with(letter: "o"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    if options.isGiven("training") { return try runTraining(options, context) }
    let cells = context.cells.adding(.benchmarks)
    let names = try options.cellNames(of: context.cells)
    let sizes = try options.stepSizes("sizes")
    let runs = try options.integer("runs", 1...1_000_000)
    let rounds = try options.integer("rounds", 1...1000)
    let minimumTime = try options.number("seconds", "a number of at least 0") { $0 >= 0 } ?? 0
    let execution = try options.execution()
    for name in names { _ = try cells.cell(name, units: 1) }
    let rows = sizes.flatMap { size in names.map { (name: $0, size: size) } }
    for (name, size) in rows {
      try context.announce(
        "\(name) \(size.name)", cells.cell(name, units: size.units), WorkSizes(size, execution))
    }
    if options.isGiven("tasks") { throw UsageError("--tasks chooses among the rows of --training") }
    let comparing = options.isGiven("compare")
    if options.isGiven("peers") && !comparing { throw UsageError("--peers is the script for --compare PYTHON") }
    if options.isGiven("rounds") && !comparing { throw UsageError("--rounds belongs to --compare PYTHON") }
    if options.isGiven("norms") && comparing { throw UsageError("--norms is work that the others do not do") }
    try context.checkCanSave(to: options.text("json"))
    var bench = BenchRun(
      cells: cells, rows: rows, runs: runs, minimumTime: minimumTime, rounds: rounds, execution: execution,
      norms: options.isGiven("norms"), json: options.text("json"), context: context)
    Interrupts.listen()
    do {
      if comparing {
        let script = try PeerScript(
          interpreter: options.required("compare"), path: options.text("peers"),
          isCancelled: { Interrupts.isRequested })
        try bench.compare(with: script)
      } else {
        try bench.measure()
      }
    } catch BenchError.cancelled {
      context.output.writeError("interrupted before the first row\n")
    }
    return Interrupts.isRequested ? Interrupts.status : ExitStatus.success
  }

  /// Times the applications' training steps.
  private func runTraining(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    for name in ["cells", "let", "sizes", "shape", "norms", "peers"] where options.isGiven(name) {
      throw UsageError("--\(name) is about cells, and --training times whole applications")
    }
    let comparing = options.isGiven("compare")
    if options.isGiven("rounds") && !comparing { throw UsageError("--rounds belongs to --compare PYTHON") }
    var kinds: [TrainingTask.Kind] = []
    for name in try options.list("tasks") {
      guard let kind = TrainingTask.Kind(rawValue: name) else {
        throw UsageError(unknown: name, "task", plural: "tasks", among: TrainingTask.Kind.allCases.map(\.rawValue))
      }
      kinds.append(kind)
    }
    try context.checkCanSave(to: options.text("json"))
    let bench = TrainingBenchRun(
      tasks: TrainingTask.all.filter { kinds.contains($0.kind) },
      runs: try options.integer("runs", 1...1_000_000),
      minimumTime: try options.number("seconds", "a number of at least 0") { $0 >= 0 } ?? 0,
      rounds: try options.integer("rounds", 1...1000), execution: try options.execution(), json: options.text("json"),
      context: context)
    Interrupts.listen()
    let script =
      comparing
      ? try PeerScript(interpreter: options.required("compare"), isCancelled: { Interrupts.isRequested }) : nil
    try bench.measure(script)
    return Interrupts.isRequested ? Interrupts.status : ExitStatus.success
  }
}
