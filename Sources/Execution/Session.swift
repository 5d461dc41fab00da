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
  /// The stages, grouped by level: those of one level do not depend on each other.
  private var levels: [[BoundStage]] = []

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
    for stage in plan.stages {
      let bound = BoundStage(stage, binder, options)
      if let last = levels.indices.last, levels[last][0].level == bound.level {
        levels[last].append(bound)
      } else {
        levels.append([bound])
      }
    }
  }

  /// The instructions bound for these lengths, tasks of one instruction counted once: independent of the lengths.
  public var instructionCount: Int { levels.joined().reduce(0) { $0 + $1.instructionCount } }

  /// Computes all outputs from what was set. Random numbers are those of this seed and run.
  public func run(seed: UInt64 = 0, run: UInt64 = 0) {
    binder.draw.pointee = SIMD2(seed, run)
    for stages in levels { BoundStage.run(stages, workers) }
  }
}
