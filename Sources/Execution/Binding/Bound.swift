internal import EbbKernels

/// A bound instruction: a kernel's call that lies in the arena with everything that a step needs, so that running it
/// copies nothing and counts no reference.
enum BoundInstruction: BitwiseCopyable {
  case program(UnsafePointer<BoundProgram>)
  /// For one step only.
  case boundary(UnsafePointer<BoundProgram>, step: Int)
  case product(UnsafePointer<BoundProduct>)
  case outer(UnsafePointer<BoundOuter>)
  case reduceRows(UnsafePointer<BoundReduceRows>)
  case sumColumns(UnsafePointer<BoundSumColumns>)
  case pack(UnsafePointer<BoundPack>)
  case assemble(UnsafePointer<BoundAssembly>)

  /// Runs for one step of a sweep; 0 outside sweeps.
  @inline(__always)
  func run(_ step: Int) {
    switch self {
    case .program(let program): program.pointee.run(step)
    case .boundary(let program, let fixed): program.pointee.run(fixed)
    case .product(let product): product.pointee.run(step)
    case .outer(let outer): outer.pointee.run()
    case .reduceRows(let reduction): reduction.pointee.run(step)
    case .sumColumns(let sum): sum.pointee.run()
    case .pack(let pack): pack.pointee.run()
    case .assemble(let assembly): assembly.pointee.run()
    }
  }
}

struct BoundProgram: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_program>, UnsafePointer<ebb_operand>, Int, Int, Int) -> Void
  var program: UnsafeMutablePointer<ebb_program>
  var operands: UnsafeMutablePointer<ebb_operand>
  var addresses: UnsafeMutablePointer<Address>
  var count: Int
  var outer: Int
  var rows: Int
  var width: Int
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    for index in 0..<count { operands[index].base = addresses[index](step) }
    if loops.depth == 0 {
      kernel(program, operands, outer, rows, width)
      return
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(count, 1)) { offsets in
      let offsets = offsets.start
      loops.forEach(offsets) {
        for index in 0..<count { operands[index].base = addresses[index](step) + offsets[index] }
        kernel(program, operands, outer, rows, width)
      }
    }
  }
}

struct BoundProduct: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_product>) -> Void
  /// The same from the last panel to the first. Every other step of a sweep runs in this direction: it begins with the
  /// weights that the step before has left in the cache.
  var reversed: @convention(c) (UnsafePointer<ebb_product>) -> Void
  var call: UnsafeMutablePointer<ebb_product>
  /// Rows, result, and the sum's start if there is one.
  var rows: Address
  var result: Address
  var start: Address?
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    if loops.depth == 0 {
      call.pointee.a.base = UnsafeRawPointer(rows(step))
      call.pointee.c = result(step)
      if let start { call.pointee.`init` = UnsafeRawPointer(start(step)) }
      if step & 1 == 0 { kernel(call) } else { reversed(call) }
      return
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 3) { offsets in
      let offsets = offsets.start
      loops.forEach(offsets) {
        call.pointee.a.base = UnsafeRawPointer(rows(step) + offsets[0])
        call.pointee.c = result(step) + offsets[1]
        if let start { call.pointee.`init` = UnsafeRawPointer(start(step) + offsets[2]) }
        kernel(call)
      }
    }
  }
}

/// The rows of a sum in chunks that do not depend on how the sum is cut: blocks of whole steps, and within a block of
/// very many rows chunks of a fixed number. Each chunk is summed from zero and added to the others in the sum's order.
struct ChunkedRows: BitwiseCopyable {
  var rows: Int
  var block: Int
  var chunk: Int
  var loops: OuterLoops
  /// From the last block to the first: what follows a backward sweep is summed as it arrives.
  var isDescending: Bool
  /// Whether the sum begins here; else it goes on.
  var isFirst: Bool

  /// Calls `body` with each operand's distance in bytes, the chunk's rows, and whether it is the first.
  func forEach(_ body: (_ offsets: UnsafeMutablePointer<Int>, _ rows: Range<Int>, _ isFirst: Bool) -> Void) {
    let blocks = (rows + block - 1) / block
    withUnsafeTemporaryAllocation(of: Int.self, capacity: loops.operands) { offsets in
      let offsets = offsets.start
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
  var call: UnsafeMutablePointer<ebb_outer>
  var left: UnsafeMutableRawPointer
  var right: UnsafeMutableRawPointer
  /// Bytes.
  var leftRow: Int
  var rightRow: Int
  var chunks: ChunkedRows

  func run() {
    chunks.forEach { offsets, rows, isFirst in
      call.pointee.a.base = UnsafeRawPointer(left + offsets[0] + rows.lowerBound * leftRow)
      call.pointee.b.base = UnsafeRawPointer(right + offsets[1] + rows.lowerBound * rightRow)
      call.pointee.rows = rows.count
      call.pointee.add = isFirst ? 0 : 1
      kernel(call)
    }
  }
}

struct BoundReduceRows: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_row_reduction>) -> Void
  var call: UnsafeMutablePointer<ebb_row_reduction>
  /// Rows, result, and the other factor of what is reduced if there is one.
  var source: Address
  var result: Address
  var factor: Address?
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    if loops.depth == 0 {
      call.pointee.a.base = UnsafeRawPointer(source(step))
      call.pointee.out = result(step)
      if let factor { call.pointee.b = UnsafeRawPointer(factor(step)) }
      kernel(call)
      return
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 3) { offsets in
      let offsets = offsets.start
      loops.forEach(offsets) {
        call.pointee.a.base = UnsafeRawPointer(source(step) + offsets[0])
        call.pointee.out = result(step) + offsets[1]
        if let factor { call.pointee.b = UnsafeRawPointer(factor(step) + offsets[2]) }
        kernel(call)
      }
    }
  }
}

struct BoundSumColumns: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_column_reduction>) -> Void
  var call: UnsafeMutablePointer<ebb_column_reduction>
  var source: UnsafeMutableRawPointer
  /// Bytes.
  var row: Int
  var chunks: ChunkedRows

  func run() {
    chunks.forEach { offsets, rows, isFirst in
      call.pointee.a.base = UnsafeRawPointer(source + offsets[0] + rows.lowerBound * row)
      call.pointee.rows = rows.count
      call.pointee.add = isFirst ? 0 : 1
      kernel(call)
    }
  }
}

struct BoundPack: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_pack>) -> Void
  var calls: UnsafeMutablePointer<ebb_pack>
  var count: Int

  func run() { for index in 0..<count { kernel(calls + index) } }
}

/// Rectangles of dense matrices, copied into places of another.
struct BoundAssembly: BitwiseCopyable {
  struct Part: BitwiseCopyable {
    var source: UnsafeMutableRawPointer
    var target: UnsafeMutableRawPointer
    var rows: Int
    var columns: Int
    /// Bytes.
    var sourceRow: Int
    var sourceColumn: Int
    var targetRow: Int
    var element: Int
  }
  var parts: UnsafeMutablePointer<Part>
  var count: Int

  func run() {
    for index in 0..<count {
      let part = parts[index]
      for row in 0..<part.rows {
        let source = part.source + row * part.sourceRow
        let target = part.target + row * part.targetRow
        if part.sourceColumn == part.element {
          target.copyMemory(from: source, byteCount: part.columns * part.element)
          continue
        }
        for column in 0..<part.columns {
          (target + column * part.element).copyMemory(
            from: source + column * part.sourceColumn, byteCount: part.element)
        }
      }
    }
  }
}

/// Runs of bytes, copied one after the other.
struct BoundMoves {
  struct Move: BitwiseCopyable {
    var from: UnsafeMutableRawPointer
    var to: UnsafeMutableRawPointer
    var bytes: Int
  }
  var moves: UnsafeMutablePointer<Move>
  var count: Int

  func run() {
    for index in 0..<count { moves[index].to.copyMemory(from: moves[index].from, byteCount: moves[index].bytes) }
  }
}
