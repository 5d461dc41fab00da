/// Where an operand's first number lies at each step of a sweep.
///
///     address(t) = base + stride · (t + shift)                  for a value that keeps every index
///     address(t) = base + stride · ((t + shift) mod ring)       for a ring of steps
///
/// Debug builds check that it lies in the memory of its value.
struct Address: BitwiseCopyable {
  var base: UnsafeMutableRawPointer
  /// In bytes; 0 for what does not change with the step.
  var stride: Int
  var shift: Int
  /// 0 for a value that keeps every index.
  var ring: Int
  #if DEBUG
    private let memory: UnsafeMutableRawBufferPointer
  #endif

  /// The beginning of a part of this memory, the same at every step.
  init(_ base: UnsafeMutableRawPointer, in memory: UnsafeMutableRawBufferPointer) {
    self.base = base
    (stride, shift, ring) = (0, 0, 0)
    #if DEBUG
      self.memory = memory
    #endif
  }

  @inline(__always)
  func callAsFunction(_ step: Int) -> UnsafeMutableRawPointer {
    if stride == 0 { return checked(base) }
    var index = step + shift
    // A ring has a power of two of places, so the remainder is a mask, for steps before 0 too.
    if ring != 0 { index &= ring - 1 }
    return checked(base + index * stride)
  }

  /// A place that is about to be touched: in debug builds, one outside the value's memory is a trap.
  @inline(__always)
  func checked(_ place: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    #if DEBUG
      let offset = place - memory.start
      precondition(memory.indices.contains(offset), "byte \(offset) of a value of \(memory.count) bytes is touched")
    #endif
    return place
  }
}

/// A run of indices of one axis.
struct Slice: Hashable {
  var axis: Int
  var low: Int
  var high: Int
}

/// Loops around a kernel call: axes that could not be merged into its rows.
struct OuterLoops: BitwiseCopyable {
  /// At most this many loops: a domain has few axes.
  static let capacity = 6
  var depth: Int
  var lengths: UnsafeMutablePointer<Int>
  /// Bytes for each loop and operand: `strides[loop * operands + operand]`.
  var strides: UnsafeMutablePointer<Int>
  var operands: Int
  /// Where each operand begins, in bytes; nil: at its first number.
  var start: UnsafeMutablePointer<Int>?

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
  func forEach(_ offsets: UnsafeMutablePointer<Int>, _ body: () -> Void) {
    for operand in 0..<operands { offsets[operand] = start.map { $0[operand] } ?? 0 }
    if depth == 0 {
      body()
      return
    }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.capacity) { index in
      index.initialize(repeating: 0)
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
