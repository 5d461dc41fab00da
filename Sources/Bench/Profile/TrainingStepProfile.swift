public import EbbExecution
public import EbbDiagnostics
public import EbbPlanning
public import EbbRecording

/// Where the time of one training step goes: the cost of each stage of its plan, and when each worker ran it.
public struct TrainingStepProfile: Sendable {
  /// How large the step was.
  public var size: TrainingStepBenchmark.Size
  /// How many threads computed.
  public var threads: Int
  /// The plan that was run.
  public var plan: Plan
  /// The cost of each stage.
  public var cost: PlanCost
  /// The run of median duration.
  public var run: RunProfile
  /// The machine's own rate with this number of threads.
  public var rate: ProductRate

  /// The time of one stage.
  public struct StageTime: Sendable, Hashable {
    /// Its index in the plan.
    public var stage: Int
    /// Seconds from the start of its first job to the end of its last; stages overlap.
    public var elapsed: Double
    /// Seconds that threads worked on it, all threads together.
    public var work: Double
    /// How many jobs it had.
    public var jobs: Int
    /// Its cost, including its prologue.
    public var cost: InstructionCost
  }

  /// Records the cell, runs two steps to warm up, then profiles `runs` steps and keeps the one of median duration.
  public static func measure(
    _ cell: some RecurrentCell, _ size: TrainingStepBenchmark.Size, runs: Int = 7, seed: UInt64 = 0,
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> TrainingStepProfile {
    guard runs >= 1 else { throw .setting("at least 1 run is timed, not \(runs)") }
    let rate = try ProductRate.measure(execution: execution)
    let session = try TrainingStepSession(cell, size, seed: seed, execution: execution).session
    session.run()
    session.run()
    let profiles = (0..<runs).map { _ in session.profile() }.sorted { $0.duration < $1.duration }
    return TrainingStepProfile(
      size: size, threads: execution.threads, plan: session.plan,
      cost: PlanCost(session.plan, lengths: session.lengths), run: profiles[runs / 2],
      rate: max(rate, try ProductRate.measure(execution: execution)))
  }

  /// The time of each stage, in the plan's order.
  public var stages: [StageTime] {
    cost.stages.indices.map { index in
      let spans = run.spans.filter { $0.stage == index }
      let begin = spans.map(\.begin).min() ?? 0
      let end = spans.map(\.end).max() ?? 0
      return StageTime(
        stage: index, elapsed: 1e-9 * Double(end - begin),
        work: 1e-9 * Double(spans.reduce(0) { $0 + $1.end - $1.begin }), jobs: spans.count,
        cost: cost.stages[index].total)
    }
  }

  /// Seconds in which threads waited for jobs or for one another, all threads together.
  public var idle: Double {
    max(0, 1e-9 * Double(run.duration * threads) - stages.reduce(0) { $0 + $1.work })
  }
}
