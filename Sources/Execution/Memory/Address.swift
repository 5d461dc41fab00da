internal import EbbKernels

/// Where an operand's first number lies at each step of a sweep.
///
///     address(t) = base + stride · (t + shift)                  for a value that keeps every index
///     address(t) = base + stride · ((t + shift) mod ring)       for a ring of steps
///
struct Address: BitwiseCopyable {
  var base: Location
  /// In bytes; 0 if it does not change with the step.
  var stride = 0
  var shift = 0
  /// 0 for a value that keeps every index.
  var ring = 0

  /// The same location at every step.
  init(_ base: Location) { self.base = base }

  @inline(__always)
  func callAsFunction(_ step: Int) -> Location {
    if stride == 0 { return base }
    var index = step + shift
    // The number of a ring's places is a power of two, so the remainder is a mask, for steps before 0 too.
    if ring != 0 { index &= ring - 1 }
    return base + index * stride
  }

  /// The same for a burst of steps.
  var steps: ebb_steps { ebb_steps(stride: stride, index: shift, by: 1, mask: ring == 0 ? -1 : ring - 1) }

  /// In debug builds, traps if a burst of steps touches bytes outside the memory.
  @inline(__always)
  func check(_ first: Int, by: Int, count: Int, offset: Int) {
    #if DEBUG
      for step in 0..<count { _ = (self(first + step * by) + offset).pointer }
    #endif
  }
}
