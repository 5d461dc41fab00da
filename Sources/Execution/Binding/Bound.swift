internal import EbbKernels

/// A bound instruction: a kernel call in the arena with everything that a step needs, so that running it copies nothing
/// and counts no references.
enum BoundInstruction: BitwiseCopyable {
  case program(Stored<BoundProgram>)
  /// For one step only.
  case boundary(Stored<BoundProgram>, step: Int)
  case product(Stored<BoundProduct>)
  case outer(Stored<BoundOuter>)
  case reduceRows(Stored<BoundReduceRows>)
  case sumColumns(Stored<BoundSumColumns>)
  case pack(Stored<BoundPack>)
  case assemble(Stored<BoundAssembly>)
  case contraction(Stored<BoundContraction>)
  case axisReduction(Stored<BoundAxisReduction>)
  case rearrangement(Stored<BoundRearrangement>)
  case argmax(Stored<BoundArgmax>)
  case accumulation(Stored<BoundAccumulation>)
  case entries(Stored<BoundEntries>)
  case order(Stored<BoundOrder>)

  /// Runs for one step of a sweep; 0 outside sweeps.
  @inline(__always)
  func run(_ step: Int) {
    switch self {
    case .program(let program): program.value.run(step)
    case .boundary(let program, let fixed): program.value.run(fixed)
    case .product(let product): product.value.run(step)
    case .outer(let outer): outer.value.run()
    case .reduceRows(let reduction): reduction.value.run(step)
    case .sumColumns(let sum): sum.value.run()
    case .pack(let pack): pack.value.run()
    case .assemble(let assembly): assembly.value.run()
    case .contraction(let contraction): contraction.value.run(step)
    case .axisReduction(let reduction): reduction.value.run(step)
    case .rearrangement(let rearrangement): rearrangement.value.run(step)
    case .argmax(let argmax): argmax.value.run(step)
    case .accumulation(let accumulation): accumulation.value.run(step)
    case .entries(let entries): entries.value.run(step)
    case .order(let order): order.value.run(step)
    }
  }
}

struct BoundProgram: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_program>, UnsafePointer<ebb_operand>, ebb_space) -> Void
  var program: Stored<ebb_program>
  var operands: Table<ebb_operand>
  var addresses: Table<Address>
  var space: ebb_space
  var loops: OuterLoops
  /// In a sweep, for a program that may take several steps of a tile before the next tile.
  var burst: Burst?

  struct Burst: BitwiseCopyable {
    var kernel:
      @convention(c) (
        UnsafePointer<ebb_program>, UnsafePointer<ebb_operand>, UnsafePointer<ebb_steps>, Int, ebb_space
      ) -> Void
    /// The steps of each operand; a run sets their first index and their direction.
    var steps: Table<ebb_steps>
  }

  @inline(__always)
  func run(_ step: Int) {
    for index in operands.indices { operands[index].base = addresses[index](step).pointer }
    if loops.depth == 0 {
      kernel(program.pointer, operands.start, space)
      return
    }
    withScratch(0, count: operands.count) { offsets in
      loops.forEach(offsets) {
        for index in operands.indices { operands[index].base = (addresses[index](step) + offsets[index]).pointer }
        kernel(program.pointer, operands.start, space)
      }
    }
  }

  /// Runs for `count` steps, from the first one in either direction.
  func run(_ first: Int, by: Int, count: Int) {
    guard let burst else {
      for step in 0..<count { run(first + step * by) }
      return
    }
    for index in operands.indices {
      burst.steps[index].index = first + addresses[index].shift
      burst.steps[index].by = by
    }
    withScratch(0, count: operands.count) { offsets in
      loops.forEach(offsets) {
        for index in operands.indices {
          let address = addresses[index]
          address.check(first, by: by, count: count, offset: offsets[index])
          operands[index].base = (address.base + offsets[index]).address
        }
        burst.kernel(program.pointer, operands.start, burst.steps.readOnly, count, space)
      }
    }
  }
}

struct BoundProduct: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_product>) -> Void
  /// The same from the last panel to the first. Every other step of a sweep runs in this direction, starting with the
  /// weights that the previous step left in the cache.
  var reversed: @convention(c) (UnsafePointer<ebb_product>) -> Void
  var call: Stored<ebb_product>
  /// Rows, result, and the sum's start if there is one.
  var rows: Address
  var result: Address
  var start: Address?
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    if loops.depth == 0 {
      call.value.a.base = rows(step).readOnly
      call.value.c = result(step).pointer
      if let start { call.value.`init` = start(step).readOnly }
      if step & 1 == 0 { kernel(call.pointer) } else { reversed(call.pointer) }
      return
    }
    withScratch(0, count: 3) { offsets in
      loops.forEach(offsets) {
        call.value.a.base = (rows(step) + offsets[0]).readOnly
        call.value.c = (result(step) + offsets[1]).pointer
        if let start { call.value.`init` = (start(step) + offsets[2]).readOnly }
        kernel(call.pointer)
      }
    }
  }
}

/// The rows of a sum in chunks that do not depend on the division of the sum: blocks of whole steps, and chunks of a
/// fixed number of rows within very large blocks. Each chunk is summed from zero and added to the others in the sum's
/// order.
struct ChunkedRows: BitwiseCopyable {
  var rows: Int
  var block: Int
  var chunk: Int
  var loops: OuterLoops
  /// From the last block to the first: sums after a backward sweep follow its order.
  var isDescending: Bool
  /// Whether the sum starts here; otherwise it continues.
  var isFirst: Bool

  /// Calls `body` with each operand's distance in bytes, the chunk's rows, and whether it is the first.
  func forEach(_ body: (_ offsets: Table<Int>, _ rows: Range<Int>, _ isFirst: Bool) -> Void) {
    let blocks = (rows + block - 1) / block
    withScratch(0, count: loops.operands) { offsets in
      var isFirst = isFirst
      loops.forEach(offsets) {
        for index in 0..<blocks {
          let first = (isDescending ? blocks - 1 - index : index) * block
          let last = min(first + block, rows)
          for row in stride(from: first, to: last, by: chunk) {
            body(offsets, row..<min(row + chunk, last), isFirst)
            isFirst = false
          }
        }
      }
    }
  }
}

struct BoundOuter: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_outer>) -> Void
  var call: Stored<ebb_outer>
  var left: Location
  var right: Location
  /// Bytes.
  var leftRow: Int
  var rightRow: Int
  var chunks: ChunkedRows

  func run() {
    chunks.forEach { offsets, rows, isFirst in
      call.value.a.base = (left + offsets[0] + rows.lowerBound * leftRow).readOnly
      call.value.b.base = (right + offsets[1] + rows.lowerBound * rightRow).readOnly
      call.value.rows = rows.count
      call.value.add = isFirst ? 0 : 1
      kernel(call.pointer)
    }
  }
}

struct BoundReduceRows: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_row_reduction>) -> Void
  var call: Stored<ebb_row_reduction>
  /// Rows, result, and the other factor of the operand if there is one.
  var source: Address
  var result: Address
  var factor: Address?
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    if loops.depth == 0 {
      call.value.a.base = source(step).readOnly
      call.value.out = result(step).pointer
      if let factor { call.value.b = factor(step).readOnly }
      kernel(call.pointer)
      return
    }
    withScratch(0, count: 3) { offsets in
      loops.forEach(offsets) {
        call.value.a.base = (source(step) + offsets[0]).readOnly
        call.value.out = (result(step) + offsets[1]).pointer
        if let factor { call.value.b = (factor(step) + offsets[2]).readOnly }
        kernel(call.pointer)
      }
    }
  }
}

struct BoundSumColumns: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_column_reduction>) -> Void
  var call: Stored<ebb_column_reduction>
  var source: Location
  /// Bytes.
  var row: Int
  var chunks: ChunkedRows

  func run() {
    chunks.forEach { offsets, rows, isFirst in
      call.value.a.base = (source + offsets[0] + rows.lowerBound * row).readOnly
      call.value.rows = rows.count
      call.value.add = isFirst ? 0 : 1
      kernel(call.pointer)
    }
  }
}

struct BoundPack: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_pack>) -> Void
  var calls: Table<ebb_pack>

  func run() { for index in calls.indices { kernel(calls.start + index) } }
}

/// Rectangles of dense matrices, copied to places in another.
struct BoundAssembly: BitwiseCopyable {
  struct Part: BitwiseCopyable {
    var source: Location
    var target: Location
    var rows: Int
    var columns: Int
    /// Bytes.
    var sourceRow: Int
    var sourceColumn: Int
    var targetRow: Int
    var element: Int
  }
  var parts: Table<Part>

  func run() {
    for index in parts.indices {
      let part = parts[index]
      for row in 0..<part.rows {
        let source = part.source + row * part.sourceRow
        let target = part.target + row * part.targetRow
        if part.sourceColumn == part.element {
          target.copy(part.columns * part.element, from: source)
          continue
        }
        for column in 0..<part.columns {
          (target + column * part.element).copy(part.element, from: source + column * part.sourceColumn)
        }
      }
    }
  }
}

/// Runs of bytes, copied in order.
struct BoundMoves {
  struct Move: BitwiseCopyable {
    var from: Location
    var to: Location
    var bytes: Int
  }
  var moves: Table<Move>

  func run() {
    for index in moves.indices { moves[index].to.copy(moves[index].bytes, from: moves[index].from) }
  }
}
