public import EbbGraph
public import EbbPlanning

/// A plan bound to the lengths of its axes: memory, addresses and kernel calls, ready to run again and again.
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
  /// The parts of a run, in the order of the program.
  let jobs: [Job]
  private let workers: Workers
  /// What its owner last set in it, by a number of the owner's; 0 before.
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

  /// All bytes that the session has allocated to run: the values, whose size is foretold, and the tables of its calls.
  package var allocatedBytes: Int { binder.arena.allocated }

  /// How many regions were compared to find out which jobs wait for which.
  package let comparisons: Int
  /// For each job those that wait for it, its stage, and what it does.
  package var successors: [[Int32]] { workers.successors }
  package var jobStages: [Int] { jobs.map(\.stage) }
  package var jobLabels: [String] { jobs.map(\.label) }

  /// The number of parts that a run is cut into; it stays below a bound however long the axes are.
  package var jobCount: Int { jobs.count }

  /// Computes all outputs from what was set. Random numbers are those of this seed and run.
  public func run(seed: UInt64 = 0, run: UInt64 = 0) {
    binder.draw.value = SIMD2(seed, run)
    workers.run(nil)
  }

  /// Runs once more and tells when each job ran, and where.
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
