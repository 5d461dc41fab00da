internal import EbbGraph
public import EbbPlanning

/// How a session runs; none of it changes a bit of the results, except that instruction sets may differ.
public struct ExecutionOptions: Sendable, Hashable {
  /// The number of threads.
  public var threads: Int
  public var instructionSet: InstructionSet
  /// Runs stages in segments of this many steps; nil runs them whole.
  public var segment: Int?

  public init(threads: Int = 2, instructionSet: InstructionSet = .best, segment: Int? = nil) {
    self.threads = max(1, threads)
    self.instructionSet = instructionSet
    self.segment = segment
  }
}

/// A plan bound to the lengths of its axes: memory, addresses and kernel calls, ready to run again and again.
///
/// Inputs and parameters stay in the session's memory until they are set again.
public final class Session {
  public let plan: Plan
  public let lengths: [Int]
  public let options: ExecutionOptions
  public let memory: MemoryPlan
  let binder: Binder
  private let workers: Workers
  private var stages: [BoundStage] = []

  public init(_ plan: Plan, lengths: [Int], options: ExecutionOptions = ExecutionOptions()) {
    self.plan = plan
    self.lengths = lengths
    self.options = options
    memory = MemoryPlan(plan, lengths: lengths)
    let arena = Arena(byteCount: memory.bytes)
    binder = Binder(
      plan: plan, lengths: lengths, memory: memory, arena: arena, instructionSet: options.instructionSet,
      draw: arena.table([SIMD2<UInt64>.zero]))
    workers = Workers(count: options.threads)
    stages = plan.stages.map { BoundStage($0, binder, options) }
  }

  /// The instructions bound for these lengths, tasks of one instruction counted once: independent of the lengths.
  public var instructionCount: Int { stages.reduce(0) { $0 + $1.instructionCount } }

  /// Computes all outputs from what was set. Random numbers are those of this seed and run.
  public func run(seed: UInt64 = 0, run: UInt64 = 0) {
    binder.draw.pointee = SIMD2(seed, run)
    for stage in stages { stage.run(workers) }
  }
}

