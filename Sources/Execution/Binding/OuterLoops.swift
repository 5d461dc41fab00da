/// A run of indices of one axis.
struct Slice: Hashable, BitwiseCopyable {
  var axis: Int
  var low: Int
  var high: Int
}

extension Table<Slice> {
  /// Calls `body` for each combination of indices of these runs (those of other axes keep their values), ascending, the
  /// last run fastest.
  @inline(__always)
  func forEach(_ indices: Table<Int>, _ body: () -> Void) {
    for index in self.indices {
      guard self[index].low < self[index].high else { return }
      indices[self[index].axis] = self[index].low
    }
    while true {
      body()
      var depth = count - 1
      while depth >= 0 {
        let run = self[depth]
        indices[run.axis] += 1
        if indices[run.axis] < run.high { break }
        indices[run.axis] = run.low
        depth -= 1
      }
      if depth < 0 { return }
    }
  }
}

/// Loops around a kernel call: axes that could not be merged into its rows.
struct OuterLoops: BitwiseCopyable {
  var depth: Int
  var lengths: Table<Int>
  /// Bytes for each loop and operand: `strides[loop * operands + operand]`.
  var strides: Table<Int>
  var operands: Int
  /// Where each operand starts, in bytes; nil for its first number.
  var start: Table<Int>?

  /// The same loops without the innermost one, and that one's length and strides in bytes; for no loops, one of length 1.
  func takingInnermost() -> (rest: OuterLoops, length: Int, strides: [Int]) {
    guard depth > 0 else { return (self, 1, Array(repeating: 0, count: operands)) }
    var rest = self
    rest.depth -= 1
    return (rest, lengths[rest.depth], (0..<operands).map { strides[rest.depth * operands + $0] })
  }

  /// The same loops from their last index to their first.
  func reversed(_ arena: Arena) -> OuterLoops {
    var result = self
    result.start = arena.table(
      (0..<operands).map { operand in
        (0..<depth).reduce(start.map { $0[operand] } ?? 0) { $0 + (lengths[$1] - 1) * strides[$1 * operands + operand] }
      })
    result.strides = arena.table((0..<depth * operands).map { -strides[$0] })
    return result
  }

  /// Calls `body` with each operand's distance from its first number, in bytes.
  @inline(__always)
  func forEach(_ offsets: Table<Int>, _ body: () -> Void) {
    for operand in 0..<operands { offsets[operand] = start.map { $0[operand] } ?? 0 }
    if depth == 0 {
      body()
      return
    }
    withScratch(0, count: depth) { index in
      while true {
        body()
        var loop = depth - 1
        while true {
          index[loop] += 1
          for operand in 0..<operands { offsets[operand] += strides[loop * operands + operand] }
          if index[loop] < lengths[loop] { break }
          for operand in 0..<operands { offsets[operand] -= strides[loop * operands + operand] * lengths[loop] }
          index[loop] = 0
          loop -= 1
          if loop < 0 { return }
        }
      }
    }
  }
}
