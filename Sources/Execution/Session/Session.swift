public import EbbGraph
package import EbbPJRT
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
  /// The same graph on a device, if the options name one: then that is what runs.
  let remote: PJRTSession?
  /// Why the last run on a device failed; nil if it did not. Outputs are then those of the run before.
  public internal(set) var failure: BindingError?
  /// The owner's number for the values that it last set; 0 before.
  package var revision = 0

  /// Throws if the memory budget, or without one the machine's memory, is too small for these lengths, or if a device
  /// gets a budget.
  public convenience init(
    _ plan: Plan, lengths: [Int], options: ExecutionOptions = ExecutionOptions()
  ) throws(BindingError) {
    if let problem = options.problem { throw BindingError(problem) }
    if let device = options.device {
      let remote: PJRTSession
      do {
        remote = try PJRTSession(plan.graph, lengths: plan.completed(lengths), device: device, isPart: true)
      } catch {
        throw BindingError(error.description)
      }
      // Nothing is computed here, and no memory is needed for it.
      let memory = MemoryPlan(.empty, lengths: [])
      self.init(plan, lengths: lengths, memory: memory, options: options, remote: remote)
      return
    }
    let memory =
      if let budget = options.memoryBudget {
        try MemoryPlan(plan, lengths: lengths, budget: budget)
      } else {
        try MemoryPlan(plan, lengths: lengths, budget: MachineMemory.bytes, called: "this machine's memory")
      }
    self.init(plan, lengths: lengths, memory: memory, options: options)
  }

  package init(
    _ plan: Plan, lengths: [Int], memory: MemoryPlan, options: ExecutionOptions, remote: PJRTSession? = nil
  ) {
    let lengths = plan.completed(lengths)
    self.plan = plan
    self.lengths = lengths
    self.options = options
    self.memory = memory
    self.remote = remote
    let arena = Arena(byteCount: memory.bytes)
    let local = remote == nil ? plan : .empty
    binder = Binder(
      plan: local, lengths: remote == nil ? lengths : [], memory: memory, arena: arena,
      instructionSet: options.instructionSet, draw: arena.stored(Draw()),
      sampleAxes: local.graph.sampleAxes)
    let builder = JobBuilder(binder, options)
    jobs = builder.jobs
    let dependencies = Dependencies(builder.regions, axes: builder.outermostAxes, shared: memory.shared)
    comparisons = dependencies.comparisons
    workers = Workers(jobs, dependencies, options)
  }

  /// All bytes that the session has allocated for runs: the values, whose size is predicted, and the tables of its
  /// calls; with a device the arguments and results there.
  package var allocatedBytes: Int { remote?.bytes ?? binder.arena.allocated }

  /// The number of regions compared to find the dependencies of jobs.
  package let comparisons: Int
  /// For each job the jobs that wait for it.
  package var successors: [[Int32]] { workers.successors }

  /// Computes all outputs from the values that were set. Random numbers are those of this seed and run.
  ///
  /// If a run on a device fails, `failure` says why.
  ///
  /// - Parameters:
  ///   - seed: The seed of random numbers.
  ///   - run: The number of the run, for other random numbers in each.
  ///   - firstSample: Where this run's samples begin in a larger batch, whose random numbers they get.
  public func run(seed: UInt64 = 0, run: UInt64 = 0, firstSample: Int = 0) {
    if let remote {
      do {
        try remote.run(seed: seed, run: run, firstSample: firstSample)
        failure = nil
      } catch {
        failure = BindingError(error.description)
      }
      return
    }
    binder.draw.value = Draw(seed: seed, run: run, firstSample: UInt32(firstSample))
    workers.run(nil)
  }

  /// Runs once more and records when and where each job ran.
  public func profile(seed: UInt64 = 0, run: UInt64 = 0) -> RunProfile {
    binder.draw.value = Draw(seed: seed, run: run)
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
