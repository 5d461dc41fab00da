public import EbbApplications
public import EbbDiagnostics
public import EbbMarkup
public import EbbReport
public import EbbStatistics

/// The training of one cell on one task, with several seeds.
public struct TaskRuns: Sendable {
  /// One seed.
  public struct Run: Sendable {
    /// The seed.
    public var seed: UInt64
    /// How training went.
    public var result: TaskTrainingResult
    /// The gradient through time while it learned; nil if it was not recorded.
    public var gradients: GradientHistory?

    /// The run of a seed.
    public init(seed: UInt64, result: TaskTrainingResult, gradients: GradientHistory?) {
      (self.seed, self.result, self.gradients) = (seed, result, gradients)
    }
  }

  /// The runs in the order of their seeds.
  public var runs: [Run]

  /// - Precondition: At least one run.
  public init(_ runs: [Run]) {
    precondition(!runs.isEmpty, "no run")
    self.runs = runs
  }

  /// How many seeds solved the task.
  public var solved: SuccessCount { SuccessCount(runs.count { $0.result.isSolved }, of: runs.count) }
  /// The steps until it was solved, of the seeds that solved it.
  public var stepsToSolve: Spread { Spread(runs.compactMap { $0.result.solvedAfter.map(Double.init) }) }
  /// The loss on new sequences at the end.
  public var loss: Spread { Spread(runs.map(\.result.final.loss)) }
  /// The share of answers that are right at the end.
  public var accuracy: Spread { Spread(runs.map(\.result.final.accuracy)) }

  /// The loss on new sequences during training: the median of the seeds, and a band between the quartiles.
  public var lossChart: Chart {
    let longest = runs.map(\.result.evaluations).max { $0.count < $1.count } ?? []
    return .line(
      LineChart(
        "Loss on new sequences: \(runs[0].result.task)", x: ChartAxis("training step"), y: ChartAxis("loss"),
        series: [
          ChartSeries("loss", x: longest.map { Double($0.step) }, runs: runs.map { $0.result.evaluations.map(\.loss) })
        ],
        references: [ReferenceLine(.y, at: runs[0].result.baseline.loss, label: "without memory")]))
  }

  /// ‖dL/dhₜ‖ of the first state before and after training; nil if it was not recorded.
  public var gradientChart: Chart? {
    let histories = runs.compactMap(\.gradients).filter { !$0.measurements.isEmpty }
    guard histories.count == runs.count, let state = histories[0].measurements[0].states.first?.name else { return nil }
    func curves(_ measurement: (GradientHistory) -> GradientHistory.Measurement?) -> [[Double]] {
      histories.compactMap { measurement($0)?[state]?.total.means }
    }
    return .line(
      LineChart(
        "Gradient through time before and after training", x: ChartAxis("timestep t"),
        y: ChartAxis("‖dL/dhₜ‖ of \(state)", scale: .log10),
        series: [
          ChartSeries("before", runs: curves(\.measurements.first), first: 1, color: .of(state, shade: 1)),
          ChartSeries("after", runs: curves(\.measurements.last), first: 1, color: .of(state)),
        ]))
  }

  /// The result, one line each.
  public func lines(_ cell: String) -> [String] {
    let result = runs[0].result
    return [
      "\(cell): solved in \(solved.textWithInterval)"
        + (solved.successes > 0 ? ", after \(stepsToSolve.text) steps" : "") + "; solved means \(result.criterion)",
      "loss \(loss.text), mean \(loss.meanText); \(Spread(accuracy.values.map { 100 * $0 }).text)% of the answers right",
      "without memory: loss \(readableNumber(result.baseline.loss)), \(readableNumber(100 * result.baseline.accuracy))% "
        + "right (\(result.baseline.strategy))",
      "numbers are \(Spread.textMeaning(runs.count)), or \(Spread.meanTextMeaning); the share of all seeds that solve "
        + "the task lies in the interval after their count (95%, Wilson)",
    ]
  }

  /// The runs on one page.
  public func page(cell: String, units: Int) -> HTMLReport {
    let seeds = runs.map { "\($0.seed)" }.joined(separator: ", ")
    let band = "The line is the median of \(runs.count) seeds, the band lies between their quartiles."
    let table = DataTable(
      "",
      columns: [
        .text("seed", runs.map { "\($0.seed)" }), .numbers("loss", runs.map(\.result.final.loss)),
        .numbers("right", unit: "%", runs.map { 100 * $0.result.final.accuracy }),
        .numbers("solved after", unit: "steps", runs.map { $0.result.solvedAfter.map(Double.init) }),
      ])
    return HTMLReport(
      title: "\(cell) on \(runs[0].result.task), with \(runs.count) seeds",
      lead: "`\(cell)` with \(units) units is trained on \(runs[0].result.task) with the seeds \(seeds).",
      findings: lines("`\(cell)`").map { $0.prefix(1).uppercased() + $0.dropFirst() + "." },
      sections: [
        .init("Loss", [.chart(lossChart, caption: band + " A seed whose training has ended keeps its last loss.")])
      ] + (gradientChart.map { [.init("Gradient through time", [.chart($0, caption: band)])] } ?? []) + [
        .init("Every seed", [.table(table, caption: "On new sequences, at the end of training.")])
      ],
      details: [.init("cell", cell), .init("units", "\(units)"), .init("seeds", seeds)])
  }

  /// Every number of every seed, and what they have in common.
  public func json(cell: String, units: Int) -> JSONValue {
    [
      "seeds": .array(runs.map { Int(exactly: $0.seed).map(JSONValue.integer) ?? .string("\($0.seed)") }),
      "summary": [
        "solved": solved.json, "stepsToSolve": stepsToSolve.json, "loss": loss.json, "accuracy": accuracy.json,
      ],
      "runs": .array(
        runs.map { run in
          guard case .object(var object) = run.result.json(cell: cell, units: units) else { return .null }
          object["gradientsThroughTime"] = run.gradients?.json
          return .object(object)
        }),
    ]
  }
}
