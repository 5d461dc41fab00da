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

/// A stage bound to its lengths.
///
/// Sendable by construction: tasks that run side by side write different numbers of the arena.
struct BoundStage: @unchecked Sendable {
  /// Done once, in order.
  private var prologue: [Work] = []
  /// Whole-sequence instructions, in order, each cut into independent tasks.
  private var whole: [[Work]] = []
  /// For a sweep: each slice of rows has the instructions of one step.
  private var slices: [[Work]] = []
  private var segments: [Range<Int>] = []
  private var isBackward = false

  /// One task: a bound instruction, or what the general evaluator does.
  enum Work {
    case kernel(BoundInstruction)
    case boundary(BoundProgram, step: Int)
    case general(Evaluator, Slice?)
    case fill(Boundary)
    case mask(MaskedCopy)

    @inline(__always)
    func run(_ step: Int) {
      switch self {
      case .kernel(let instruction): instruction.run(step)
      case .boundary(let program, let fixed): program.run(fixed)
      case .general(let evaluator, let slice): evaluator.run(step: step, slice: slice)
      case .fill(let boundary): boundary.run(step)
      case .mask(let copy): copy.run(step)
      }
    }
  }

  init(_ stage: Stage, _ binder: Binder, _ options: ExecutionOptions) {
    switch stage.kind {
    case .whole:
      for instruction in stage.prologue + stage.instructions {
        whole += Self.tasks(instruction, binder, options)
      }
    case .sweep(let axis, let isBackward):
      self.isBackward = isBackward
      prologue = stage.prologue.flatMap { Self.tasks($0, binder, options, carrierSweep: axis).flatMap { $0 } }
      let slices = Self.slices(stage, binder, options)
      self.slices = slices.map { slice in
        stage.instructions.map { Self.work($0, binder, sweep: axis, slice: slice) }
      }
      let length = binder.lengths[axis.index]
      let segment = options.segment ?? length
      segments = stride(from: 0, to: length, by: segment).map { $0..<min($0 + segment, length) }
      if isBackward { segments.reverse() }
    }
  }

  var instructionCount: Int { prologue.count + whole.count + (slices.first?.count ?? 0) }

  func run(_ workers: Workers) {
    for work in prologue { work.run(0) }
    for group in whole.indices { workers.run(whole[group].count) { whole[group][$0].run(0) } }
    guard !slices.isEmpty else { return }
    for segment in segments {
      workers.run(slices.count) { slice in
        slices[slice].withUnsafeBufferPointer { instructions in
          if isBackward {
            var step = segment.upperBound - 1
            while step >= segment.lowerBound {
              for instruction in instructions { instruction.run(step) }
              step -= 1
            }
          } else {
            for step in segment {
              for instruction in instructions { instruction.run(step) }
            }
          }
        }
      }
    }
  }
}
