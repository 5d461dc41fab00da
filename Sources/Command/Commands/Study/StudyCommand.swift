internal import EbbExecution
internal import EbbDiagnostics
internal import EbbFiles
internal import EbbInterchange
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies
internal import EbbTraining

/// `ebb study`: cells compared, from the first gradient to the trained network.
struct StudyCommand: Command {
  let name = "study"
  let summary = "compares cells: gradients at initialisation, training on a long-term dependency, cost"
  let discussion = """
    Measures the gradient through time of each cell at initialisation, and of an exploding network with and without
    clipping; trains each cell on the adding problem while watching its gradient; prints a comparison and writes a
    page with all plots and a file with all numbers.
    """
  private static let standard = StudySettings()
  let options: [Option] = [
    .cells("rnn,lstm,gru"), .given, .length(standard.length), .hidden(standard.units), .batch(standard.batch),
    Option("steps", "COUNT", "training steps of each cell", standard: "\(standard.steps)"),
    Option("task-length", "STEPS", "steps of the adding problem", standard: "\(standard.taskLength)"),
    Option(
      "training-batch", "SAMPLES", "sequences of a training step", standard: "\(standard.trainingBatch)"),
    .rate("the learning rate at the first step", standard: "\(standard.learningRate)"),
    Option("seconds", "SECONDS", "ends the training of a cell after this time; 0 for no limit", standard: "25"),
    .seed, .seeds, .threads, .underflow, .device, .devices,
    Option("html", "FILE", "the page", standard: "ebb-study.html")
      .with(letter: "o", aliases: ["report"], values: .written([.html])),
    .figures,
    PageWatcher.option("training"),
    TensorBoard.option,
    .json("all numbers", standard: "ebb-study.json"),
  ]

  let absentOptions = [
    "epochs": "the adding problem draws new sequences at each step; give --steps",
    "cell": "a study compares cells; give --cells NAMES",
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let settings = try StudySettings(options)
    for (length, batch) in [(settings.length, settings.batch), (settings.taskLength, settings.trainingBatch)] {
      try options.check(WorkSizes(length: length, batch: batch, features: 1, units: settings.units))
    }
    let names = try options.cellNames(of: context.cells)
    let cells = try names.map { name -> Study.NamedCell in (name, try context.cells.factory(name)) }
    try context.checkCanSave(to: options.text("html"), options.text("json"))
    try context.checkCanSaveFigures(options)
    for cell in cells {
      for (length, batch, steps) in [
        (settings.length, settings.batch, 1), (settings.taskLength, settings.trainingBatch, settings.steps),
      ] {
        try context.announce(
          cell.name, cell.make(settings.units),
          WorkSizes(
            length: length, batch: batch, features: 2, units: settings.units, steps: steps,
            execution: settings.execution),
          lengthName: steps > 1 ? "--task-length" : "--length")
      }
    }
    let page = options.text("html") ?? ""
    if options.isGiven("watch"), page == "-" {
      throw UsageError("--watch needs a file that a browser can load again: --html FILE, not '-'")
    }
    var display = StudyDisplay(context.output)
    var watcher = options.isGiven("watch") ? StudyWatcher(page, cells.count, context) : nil
    var board = try StudyBoard(options.text("tensorboard"), of: names)
    Interrupts.listen()
    context.activity?.begin("measuring")
    if let seeds = try options.severalSeeds(without: ["watch", "tensorboard"]) {
      return try run(cells, settings, seeds, options, context)
    }
    let result = try Study(cells, settings: settings).run(
      progress: { display.show($0) },
      watch: { event, soFar in
        watcher?.update(event, soFar, context.output)
        do throws(FileError) {
          try board?.update(event, soFar)
        } catch {
          // The page and the numbers still have to be written.
          context.output.fail(error)
          board = nil
        }
        return Interrupts.isRequested ? .stop : .continue
      })
    display.clear()
    let numbers = options.text("json") ?? ""
    if numbers != "-" { show(result, context.output) }
    context.savePage(result.page, to: page, options)
    context.save(result.json.text(), to: numbers)
    guard result.isFinished else {
      context.output.writeError("interrupted: the page and the numbers hold what was done by then\n")
      return Interrupts.status
    }
    return ExitStatus.success
  }

  private func show(_ result: StudyResult, _ output: CommandOutput) {
    for chart in result.terminalCharts { output.write(chart.terminal(output.style) + "\n") }
    for map in result.trainingCharts { output.write(map.terminal(output.style, rows: 8) + "\n") }
    output.write(result.comparisonByCell.terminal(output.style) + "\n")
    // Code marks are only for the page.
    for finding in result.findings { output.write("• " + finding.filter { $0 != "`" } + "\n") }
    output.write("\n")
  }
}

extension StudySettings {
  /// The settings that the options describe.
  init(_ options: ParsedOptions) throws(UsageError) {
    let seconds = try options.number("seconds", "a number of at least 0") { $0 >= 0 } ?? 0
    self.init(
      units: try options.integer("hidden"), length: try options.integer("length", 2...1_000_000),
      batch: try options.integer("batch"), taskLength: try options.integer("task-length", 2...1_000_000),
      trainingBatch: try options.integer("training-batch"), steps: try options.integer("steps"),
      secondsPerCell: seconds > 0 ? seconds : nil, learningRate: try options.positive("rate") ?? 0,
      seed: try options.seed(), execution: try options.execution())
  }
}

/// The live line of a study, one for each piece of work.
struct StudyDisplay {
  private let output: CommandOutput
  private var line: ProgressLine?
  private var cell = ""

  init(_ output: CommandOutput) { self.output = output }

  mutating func show(_ progress: Study.Progress) {
    switch progress {
    case .measuring(let name):
      if output.isTerminal { output.writeError("\r\u{1B}[2Kmeasuring \(name)") }
    case .training(let name, let step, let total, let loss):
      if name != cell { begin(name, total) }
      line?.update(step, note: "loss \(readableNumber(loss))")
    case .trained(let name, let result):
      clear()
      let rate = readableNumber(result.stepsPerSecond)
      output.writeError(
        "\(name): \(result.verdict), error \(readableNumber(result.heldOutError)), \(rate) steps/s\n")
    }
  }

  /// Takes the line away.
  mutating func clear() {
    line?.clear()
    line = nil
  }

  private mutating func begin(_ name: String, _ total: Int) {
    if output.isTerminal { output.writeError("\r\u{1B}[2K") }
    cell = name
    line = output.progressLine("training \(name)", total: total, unit: "steps")
  }
}
