internal import EbbGraph
internal import EbbPlanning

/// One instruction bound to memory: a kernel's call, or what the general evaluator does.
enum Work {
  case kernel(BoundInstruction)
  case boundary(BoundProgram, step: Int)
  case general(Evaluator, Slice?)
  case fill(Boundary)
  case mask(MaskedCopy)
  case move(BoundMoves)
  case rows(RowTransfer)

  func run(_ step: Int) {
    switch self {
    case .kernel(let instruction): instruction.run(step)
    case .boundary(let program, let fixed): program.run(fixed)
    case .general(let evaluator, let slice): evaluator.run(step: step, slice: slice)
    case .fill(let boundary): boundary.run(step)
    case .mask(let copy): copy.run(step)
    case .move(let moves): moves.run()
    case .rows(let transfer): transfer.run(step)
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
      case .kernel(.outer), .kernel(.sumColumns), .kernel(.pack), .kernel(.assemble), .boundary, .general, .fill, .mask,
        .move, .rows:
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
