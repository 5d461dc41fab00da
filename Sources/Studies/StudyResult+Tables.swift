internal import EbbApplications
internal import EbbDiagnostics
public import EbbReport

extension StudyResult {
  /// The mean squared error of the constant answer 1 on the adding problem.
  static let constantAnswerError = AddingProblem.constantAnswerError

  /// The cells side by side, with numbers counted or measured in this study.
  public var comparison: DataTable {
    func count(_ name: String, _ value: (CellResult) -> Int) -> DataTable.Column {
      .numbers(name, format: .fixed(0), cells.map { Double(value($0)) })
    }
    // An untrained cell has no number; a network that diverged has NaN.
    func measured(_ value: Double, _ end: TrainingResult.End) -> Double? {
      value.isNaN && !end.isReached ? nil : value
    }
    func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
    return DataTable(
      "",
      columns: [
        .text("cell", cells.map(\.name)),
        count("gates", \.facts.gates), count("parameters", \.facts.parameterCount),
        count("FLOP", \.facts.operationsPerStep),
        .numbers("memory", unit: "MiB", format: .fixed(1), cells.map { Double($0.facts.memory) / 1_048_576 }),
        .numbers("rate", unit: "steps/s", format: .significant(3), cells.map { known($0.training.stepsPerSecond) }),
        .text("dependency", cells.map(\.training.outcome)),
        .numbers("error", format: .significant(2), cells.map { measured($0.training.heldOutError, $0.training.end) }),
      ])
  }

  /// The same with one column for each cell, to fit a terminal.
  public var comparisonByCell: DataTable {
    func written(_ value: Double, _ unit: String) -> String { value.isNaN ? "" : readableNumber(value) + unit }
    let rows: [(String, (CellResult) -> String)] = [
      ("gates", { "\($0.facts.gates)" }),
      ("parameters", { "\($0.facts.parameterCount)" }),
      ("FLOP a step, forward", { "\($0.facts.operationsPerStep)" }),
      ("training memory", { readableNumber(Double($0.facts.memory) / 1_048_576) + " MiB" }),
      ("training speed", { cell in written(cell.training.stepsPerSecond, " steps/s") }),
      ("long-term dependency", { $0.training.verdict }),
      ("held-out error", { $0.training.end == .waiting ? "" : readableNumber($0.training.heldOutError) }),
      (
        "initial gradient",
        { ($0.initial.states.first?.total.decay?.factor).map { "× \(readableNumber($0)) a step" } ?? "" }
      ),
      ("  below 1%", { $0.initial.states.first?.total.reach ?? "" }),
    ]
    return DataTable(
      "", columns: [.text("", rows.map(\.0))] + cells.map { cell in .text(cell.name, rows.map { $0.1(cell) }) })
  }

  /// The results for the gradients at initialisation.
  public var gradientTable: DataTable {
    let rows =
      cells.flatMap { cell in cell.initial.states.map { (cell.name, $0.name, $0.total) } }
      + explodingRows
    return DataTable(
      "",
      columns: [
        .text("cell", rows.map(\.0)),
        .text("state", rows.map(\.1)),
        .numbers("at t = T", format: .significant(3), rows.map { $0.2.flow.first ?? .nan }),
        .numbers("at t = 1", format: .significant(3), rows.map { $0.2.flow.last ?? .nan }),
        .numbers("factor a step", format: .significant(4), rows.map(\.2.decay?.factor)),
        .text("below 1%", rows.map(\.2.reach)),
      ])
  }

  private var explodingRows: [(String, String, NormCurve)] {
    let name = "rnn × \(numeral(settings.explodingGain))"
    return exploding.unclipped.states.map { (name, $0.name, $0.total) }
      + exploding.clipped.states.map { (name + ", clipped", $0.name, $0.total) }
  }

  /// How each parameter begins.
  public var initializerTable: DataTable {
    let rows = cells.flatMap { cell in cell.facts.parameters.map { (cell.name, $0) } }
    return DataTable(
      "",
      columns: [
        .text("cell", rows.map(\.0)),
        .text("parameter", rows.map(\.1.name)),
        .text("shape", rows.map { $0.1.shape.map(String.init).joined(separator: " × ") }),
        .text("begins as", rows.map(\.1.initializer)),
      ])
  }
}

extension StudyResult.TrainingResult {
  /// Whether the cell found the long-term dependency, and in how many training steps.
  public var verdict: String {
    isSolved && end.isReached ? "solved in \(losses.count) steps" : outcome
  }

  /// Whether the cell found the long-term dependency, in a word or two.
  var outcome: String { !end.isReached ? end.rawValue : isSolved ? "solved" : "not solved" }
}

extension NormCurve {
  /// The number of steps back after which the gradient is below 1% of its last value, in words.
  var reach: String {
    stepsBack().map { $0 == 1 ? "after 1 step" : "after \($0) steps" } ?? notWithin
  }
}
