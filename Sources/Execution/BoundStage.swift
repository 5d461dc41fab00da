internal import EbbGraph
internal import EbbPlanning

/// A stage bound to its lengths.
///
/// Sendable by construction: tasks that run side by side write different numbers of the arena.
struct BoundStage: @unchecked Sendable {
  /// Done once, in order.
  private var prologue: [Work] = []
  /// Whole-sequence instructions, in order, each cut into independent tasks.
  private var whole: [[Work]] = []
  /// For a sweep: each slice of rows has the instructions of one step.
  private var slices: [Steps] = []
  private var segments: [Range<Int>] = []
  private var isBackward = false
  let level: Int

  /// One task: a bound instruction, or what the general evaluator does.
  enum Work {
    case kernel(BoundInstruction)
    case boundary(BoundProgram, step: Int)
    case general(Evaluator, Slice?)
    case fill(Boundary)
    case mask(MaskedCopy)

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

  /// The instructions of a sweep's step, for one slice of rows: pointers into the arena, so that a step copies nothing
  /// and counts no references.
  struct Steps {
    enum Instruction: BitwiseCopyable {
      case program(UnsafePointer<BoundProgram>)
      case product(UnsafePointer<BoundProduct>)
      case reduceRows(UnsafePointer<BoundReduceRows>)
      /// The place of what has no kernel.
      case other(Int)
    }
    private(set) var instructions: [Instruction] = []
    private var others: [Work] = []

    init(_ work: [Work], _ arena: Arena) {
      for item in work {
        switch item {
        case .kernel(.program(let program)): instructions.append(.program(UnsafePointer(arena.table([program]))))
        case .kernel(.product(let product)): instructions.append(.product(UnsafePointer(arena.table([product]))))
        case .kernel(.reduceRows(let rows)): instructions.append(.reduceRows(UnsafePointer(arena.table([rows]))))
        case .kernel(.outer), .kernel(.sumColumns), .kernel(.pack), .kernel(.assemble), .boundary, .general, .fill,
          .mask:
          instructions.append(.other(others.count))
          others.append(item)
        }
      }
    }

    /// Runs the steps of a segment, in the direction of the sweep.
    func run(_ segment: Range<Int>, isBackward: Bool) {
      instructions.withUnsafeBufferPointer { instructions in
        var step = isBackward ? segment.upperBound - 1 : segment.lowerBound
        for _ in segment {
          for instruction in instructions {
            switch instruction {
            case .program(let program): program.pointee.run(step)
            case .product(let product): product.pointee.run(step)
            case .reduceRows(let rows): rows.pointee.run(step)
            case .other(let place): others[place].run(step)
            }
          }
          step += isBackward ? -1 : 1
        }
      }
    }
  }

  init(_ stage: Stage, _ binder: Binder, _ options: ExecutionOptions) {
    level = stage.level
    switch stage.kind {
    case .whole:
      var wasSum = false
      for instruction in stage.prologue + stage.instructions {
        let tasks = Self.tasks(instruction, binder, options)
        // Sums over all indices read rows and write none, so neighbours among them run side by side.
        let isSum = instruction.isSum
        if isSum && wasSum { whole[whole.count - 1] += tasks.joined() } else { whole += tasks }
        wasSum = isSum
      }
    case .sweep(let axis, let isBackward):
      self.isBackward = isBackward
      prologue = stage.prologue.flatMap { Self.tasks($0, binder, options).flatMap { $0 } }
      slices = Self.slices(stage, binder, options).map { slice in
        Steps(stage.instructions.map { Self.work($0, binder, sweep: axis, slice: slice) }, binder.arena)
      }
      let length = binder.lengths[axis.index]
      let segment = options.segment ?? length
      segments = stride(from: 0, to: length, by: segment).map { $0..<min($0 + segment, length) }
      if isBackward { segments.reverse() }
    }
  }

  var instructionCount: Int { prologue.count + whole.count + (slices.first?.instructions.count ?? 0) }

  /// Runs stages that do not depend on each other: their sweeps side by side, each slice of rows by itself.
  static func run(_ stages: [BoundStage], _ workers: Workers) {
    for stage in stages {
      for work in stage.prologue { work.run(0) }
      for group in stage.whole.indices { workers.run(stage.whole[group].count) { stage.whole[group][$0].run(0) } }
    }
    let sweeps = stages.flatMap { stage in stage.slices.indices.map { (stage, $0) } }
    workers.run(sweeps.count) { index in
      let (stage, slice) = sweeps[index]
      for segment in stage.segments { stage.slices[slice].run(segment, isBackward: stage.isBackward) }
    }
  }
}
