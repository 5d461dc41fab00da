internal import EbbGraph
internal import EbbPlanning

/// One instruction bound to memory: a kernel call, or work without a kernel.
enum Work {
  case kernel(BoundInstruction)
  case general(ScalarFallback, Slice?)
  case fill(Boundary)
  case mask(MaskedCopy)
  case move(BoundMoves)
  case rows(RowTransfer)
  case indices(IndexTransfer)
  case history(HistoryTransfer)
  case random(RandomDraw)
  case convert(RowConversion)

  func run(_ step: Int) {
    switch self {
    case .kernel(let instruction): instruction.run(step)
    case .general(let fallback, let slice): fallback.run(step: step, slice: slice)
    case .fill(let boundary): boundary.run(step)
    case .mask(let copy): copy.run(step)
    case .move(let moves): moves.run()
    case .rows(let transfer): transfer.run(step)
    case .indices(let transfer): transfer.run(step)
    case .history(let transfer): transfer.run(step)
    case .random(let draw): draw.run(step)
    case .convert(let conversion): conversion.run(step)
    }
  }
}

/// The work of a job, in order, for one slice of rows.
///
/// A sweep over a grid runs through its steps once for each index of its outer axes: these are rounds, each bound to its
/// own addresses.
struct BoundWork {
  private enum Item: BitwiseCopyable {
    case kernel(BoundInstruction)
    /// The index of work without a kernel.
    case other(Int)
  }
  private var rounds: [[Item]] = []
  private var others: [Work] = []
  /// The steps that each item takes at once.
  private let burst: Int

  init(_ work: [Work]) { self.init(rounds: [work], burst: 1) }

  init(rounds: [[Work]], burst: Int) {
    self.burst = burst
    for work in rounds { add(work) }
  }

  private mutating func add(_ work: [Work]) {
    var items: [Item] = []
    for item in work {
      switch item {
      case .kernel(let instruction): items.append(.kernel(instruction))
      case .general, .fill, .mask, .move, .rows, .indices, .history, .random, .convert:
        items.append(.other(others.count))
        others.append(item)
      }
    }
    rounds.append(items)
  }

  /// Runs these steps, in the direction of the sweep; outside sweeps, step 0.
  func run(_ steps: Range<Int>, isBackward: Bool) {
    for items in rounds { run(items, steps, isBackward) }
  }

  private func run(_ items: [Item], _ steps: Range<Int>, _ isBackward: Bool) {
    if burst > 1 {
      runInBursts(items, steps, by: isBackward ? -1 : 1)
      return
    }
    items.withTable { items in
      var step = isBackward ? steps.upperBound - 1 : steps.lowerBound
      for _ in steps {
        for index in items.indices {
          switch items[index] {
          case .kernel(let instruction): instruction.run(step)
          case .other(let place): others[place].run(step)
          }
        }
        step += isBackward ? -1 : 1
      }
    }
  }

  private func runInBursts(_ items: [Item], _ steps: Range<Int>, by: Int) {
    items.withTable { items in
      var first = by < 0 ? steps.upperBound - 1 : steps.lowerBound
      var left = steps.count
      while left > 0 {
        let count = min(burst, left)
        for index in items.indices {
          switch items[index] {
          case .kernel(.program(let program)): program.value.run(first, by: by, count: count)
          case .kernel(let instruction):
            for step in 0..<count { instruction.run(first + step * by) }
          case .other(let place):
            for step in 0..<count { others[place].run(first + step * by) }
          }
        }
        first += count * by
        left -= count
      }
    }
  }
}
