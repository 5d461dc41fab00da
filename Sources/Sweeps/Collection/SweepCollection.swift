public import EbbMarkup
internal import EbbStatistics

/// The results of a sweep that are there, and which are not.
public struct SweepCollection: Sendable, Hashable {
  /// What became of a task.
  public enum State: Sendable, Hashable {
    /// It has its result.
    case finished
    /// Other settings were better after so many steps; its numbers are those.
    case stopped(steps: Int)
    /// It waits after so many steps, for others or for a process that goes on with it; its numbers are those.
    case waits(steps: Int)
    /// It failed, with the reason.
    case failed(String)
    /// It began and has no final result: it runs, or was interrupted. Under halving its numbers are those after so many
    /// steps; 0 before the first decision.
    case begun(steps: Int = 0)
    /// It did not begin.
    case missing

    /// The state in a word.
    public var word: String {
      switch self {
      case .finished: "finished"
      case .stopped: "stopped early"
      case .waits: "waits"
      case .failed: "failed"
      case .begun: "running or interrupted"
      case .missing: "missing"
      }
    }
  }

  /// A task with its result, if it has one.
  public struct Run: Sendable, Hashable {
    /// The task.
    public var task: SweepTask
    /// What became of it.
    public var state: State
    /// The command's numbers; nil without a result.
    public var numbers: JSONValue?
    /// The loss of each training step; empty where the numbers have none.
    public var losses: [Double] { numbers?["losses"]?.array?.map { $0.double ?? .nan } ?? [] }

    /// A task with its result.
    public init(task: SweepTask, state: State, numbers: JSONValue? = nil) {
      (self.task, self.state, self.numbers) = (task, state, numbers)
    }
  }

  /// All runs of one setting.
  public struct Setting: Sendable, Hashable {
    /// The runs, one for each seed.
    public var runs: [Run]

    var varied: [Experiment.Named<SettingValue>] { runs[0].task.varied }
    var words: String { runs[0].task.words }
    /// The runs with numbers.
    var measured: [Run] { runs.filter { $0.numbers != nil } }

    func spread(_ metric: SweepMetric) -> Spread { Spread(measured.map { metric.value(in: $0.numbers ?? .null) }) }

    func value(_ option: String) -> SettingValue? { varied.first { $0.name == option }?.value }
  }

  /// The experiment's file.
  public var name: String
  /// The experiment.
  public var experiment: Experiment
  /// Every task in order.
  public var runs: [Run]
  /// What is reported.
  public var metrics: [SweepMetric]
  /// What decides which setting is best.
  public var best: SweepMetric
  /// Where ‖dL/dhₜ‖ over t is among the numbers; nil if it is not there.
  public var gradientPath: String?

  /// The results of an experiment.
  public init(
    name: String, experiment: Experiment, runs: [Run], metrics: [SweepMetric], best: SweepMetric, gradientPath: String?
  ) {
    (self.name, self.experiment, self.runs) = (name, experiment, runs)
    (self.metrics, self.best, self.gradientPath) = (metrics, best, gradientPath)
  }

  /// Whether no task can still get a result.
  public var isComplete: Bool {
    runs.allSatisfy {
      switch $0.state {
      case .finished, .stopped, .failed: true
      case .waits, .begun, .missing: false
      }
    }
  }

  /// The number of tasks in each state.
  public var counts: String {
    var counts: [(word: String, count: Int)] = []
    for run in runs {
      if let index = counts.firstIndex(where: { $0.word == run.state.word }) {
        counts[index].count += 1
      } else {
        counts.append((run.state.word, 1))
      }
    }
    return counts.map { "\($0.count) \($0.word)" }.joined(separator: ", ")
  }

  /// The settings, in order.
  public var settings: [Setting] {
    Dictionary(grouping: runs, by: \.task.setting).sorted { $0.key < $1.key }.map { Setting(runs: $0.value) }
  }

  /// The settings with results, the best first: by the median of the deciding number over the seeds. Under halving, those
  /// that went on are before those that were stopped.
  var ranking: [Setting] {
    func steps(_ setting: Setting) -> Int {
      setting.measured.map { run in
        switch run.state {
        case .finished: Int.max
        case .stopped(let steps), .waits(let steps), .begun(let steps): steps
        case .failed, .missing: 0
        }
      }.max() ?? 0
    }
    func score(_ setting: Setting) -> Double {
      (best.isLargestBest ? -1 : 1) * setting.spread(best).median
    }
    return settings.filter { !$0.measured.isEmpty }.map { ($0, steps($0), score($0)) }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.2 < $1.2 || ($1.2.isNaN && !$0.2.isNaN) }.map(\.0)
  }

  /// The best setting against the next ones, with the seeds that all of them have; nil if there is nothing to compare.
  var comparison: PairedComparison? {
    let first = Array(ranking.prefix(10))
    let seeds = first.map { Set($0.measured.map(\.task.seed)) }
    guard first.count > 1, let all = seeds.first,
      let common = seeds.dropFirst().reduce(all, { $0.intersection($1) })
        .sorted() as [UInt64]?, !common.isEmpty
    else { return nil }
    let sign = best.isLargestBest ? -1.0 : 1
    func values(_ setting: Setting) -> [Double] {
      common.map { seed in
        setting.measured.first { $0.task.seed == seed }.map { sign * best.value(in: $0.numbers ?? .null) } ?? .nan
      }
    }
    // A run that diverged is the worst, which the largest number is in a test; the differences are of the numbers.
    var comparison = PairedComparison(
      (first[0].words, values(first[0])), against: first.dropFirst().map { ($0.words, values($0)) })
    for row in comparison.rows.indices { comparison.rows[row].difference *= sign }
    return comparison
  }
}
