import Ebb
import EbbApplications

/// The reproduction of a paper's finding: smaller and shorter, but with the same equations.
struct Reproduction: Sendable {
  /// The word on the command line.
  var name: String
  var paper: String
  /// The claim of the paper, in a sentence.
  var claim: String
  /// How this run differs from the paper's.
  var cuts: String
  var run: @Sendable (Effort) throws -> [Finding]
}

/// How much work a reproduction does.
enum Effort: Sendable {
  /// Minutes: enough to see the claim.
  case full
  /// Seconds: enough to see that everything runs.
  case quick

  /// One of two numbers.
  func callAsFunction(full: Int, quick: Int) -> Int {
    switch self {
    case .full: full
    case .quick: quick
    }
  }
}

/// A number or a statement of the paper, with the result here.
struct Finding {
  var what: String
  var paper: String
  var here: String

  init(_ what: String, paper: String, here: String) {
    self.what = what
    self.paper = paper
    self.here = here
  }
}

extension Reproduction {
  func text(_ effort: Effort) throws -> String {
    let findings = try run(effort)
    let table = DataTable(
      paper,
      columns: [
        .text("measured", findings.map(\.what)), .text("paper", findings.map(\.paper)),
        .text("here", findings.map(\.here)),
      ])
    let shortened = effort == .quick ? "\nThis was a quick run: the numbers show that it works, not what is true." : ""
    return "\(claim)\n\n\(table.terminal())\nCut: \(cuts)\(shortened)\n"
  }
}

/// A number as findings show it.
func number(_ value: Double) -> String { readableNumber(value, digits: 3) }

/// The results of a cell on a task, over several seeds.
struct Trials {
  var results: [TaskTrainingResult] = []

  /// - Parameter prepare: Changes the initial values of the parameters.
  init(
    _ cell: some RecurrentCell, _ task: any SequenceTask, _ settings: TaskSettings, seeds: Int,
    prepare: (inout [String: Tensor]) -> Void = { _ in }
  ) throws {
    for seed in 1...seeds {
      var settings = settings
      settings.seed = UInt64(seed)
      let trainer = try TaskTrainer(cell, task, settings)
      var parameters = trainer.trainer.parameters
      prepare(&parameters)
      try trainer.trainer.setParameters(parameters)
      results.append(try trainer.train())
    }
  }

  /// The number of seeds that solved the task, and the median number of steps.
  var solved: String {
    let steps = results.compactMap(\.solvedAfter).sorted()
    let count = "solved \(steps.count) of \(results.count)"
    return steps.isEmpty ? count : "\(count), in \(steps[(steps.count - 1) / 2]) steps"
  }

  /// The mean of the final losses.
  var loss: Double { results.reduce(0) { $0 + $1.final.loss } / Double(results.count) }
  /// The largest ‖g‖ of any step, before clipping.
  var largestGradient: Double { results.flatMap(\.run.gradientNorms).filter(\.isFinite).max() ?? .nan }
}
