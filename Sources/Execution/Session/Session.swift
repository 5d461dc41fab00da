public import EbbGraph
public import EbbPlanning

/// A plan bound to the lengths of its axes: memory, addresses and kernel calls, ready for repeated runs.
///
/// Inputs and parameters stay in the session's memory until they are set again.
public final class Session {
  /// The plan that is run.
  public let plan: Plan
  /// The length of each axis, in the order of the plan's axes.
  public let lengths: [Int]
  /// How it is run.
  public let options: ExecutionOptions
  /// Where each value lies.
  public let memory: MemoryPlan
  let binder: Binder
  /// The jobs of a run, in the order of the program; their number is bounded for any lengths of the axes.
  let jobs: [Job]
  private let workers: Workers
  /// The owner's number for the values that it last set; 0 before.
  package var revision = 0

  /// Throws if the memory budget, or without one the machine's memory, is too small for these lengths.
  public convenience init(
    _ plan: Plan, lengths: [Int], options: ExecutionOptions = ExecutionOptions()
  ) throws(BindingError) {
    let memory =
      if let budget = options.memoryBudget {
        try MemoryPlan(plan, lengths: lengths, budget: budget)
      } else {
        try MemoryPlan(plan, lengths: lengths, budget: MachineMemory.bytes, called: "this machine's memory")
      }
    self.init(plan, lengths: lengths, memory: memory, options: options)
  }

  package init(_ plan: Plan, lengths: [Int], memory: MemoryPlan, options: ExecutionOptions) {
    let lengths = plan.completed(lengths)
    self.plan = plan
    self.lengths = lengths
    self.options = options
    self.memory = memory
    let arena = Arena(byteCount: memory.bytes)
    binder = Binder(
      plan: plan, lengths: lengths, memory: memory, arena: arena, instructionSet: options.instructionSet,
      draw: arena.stored(SIMD2<UInt64>.zero))
    let builder = JobBuilder(binder, options)
    jobs = builder.jobs
    let dependencies = Dependencies(builder.regions, axes: builder.outermostAxes, shared: memory.shared)
    comparisons = dependencies.comparisons
    workers = Workers(jobs, dependencies, options)
  }

  /// All bytes that the session has allocated for runs: the values, whose size is predicted, and the tables of its
  /// calls.
  package var allocatedBytes: Int { binder.arena.allocated }

  /// The number of regions compared to find the dependencies of jobs.
  package let comparisons: Int
  /// For each job the jobs that wait for it.
  package var successors: [[Int32]] { workers.successors }

  /// Computes all outputs from the values that were set. Random numbers are those of this seed and run.
  public func run(seed: UInt64 = 0, run: UInt64 = 0) {
    binder.draw.value = SIMD2(seed, run)
    workers.run(nil)
  }

  /// Runs once more and records when and where each job ran.
  public func profile(seed: UInt64 = 0, run: UInt64 = 0) -> RunProfile {
    binder.draw.value = SIMD2(seed, run)
    let log = JobLog(count: jobs.count)
    let begin = JobLog.now()
    workers.run(log)
    let duration = JobLog.now() - begin
    let spans = jobs.indices.map { index in
      let entry = log.entries[index]
      return RunProfile.Span(
        stage: jobs[index].stage, worker: entry.worker, begin: entry.begin - begin, end: entry.end - begin,
        label: jobs[index].label)
    }
    return RunProfile(spans: spans.sorted { $0.begin < $1.begin }, duration: duration)
  }
}
