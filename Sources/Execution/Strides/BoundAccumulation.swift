internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// y[k] = a[k] y[k − 1] + b[k] along a feature dimension, for each index of the axes.
struct BoundAccumulation: BitwiseCopyable {
  /// A call for a run of lines, with its distance from the operands' first numbers.
  struct Part: BitwiseCopyable {
    var call: ebb_accumulation
    var factors: Int
    var terms: Int
    var to: Int
  }

  var kernel: @convention(c) (UnsafePointer<ebb_accumulation>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (factors, terms, to) = (addresses[0](step), addresses[1](step), addresses[2](step))
    withScratch(0, count: 3) { offsets in
      loops.forEach(offsets) {
        for index in parts.indices {
          let part = parts.start + index
          part.pointee.call.a = (factors + (part.pointee.factors + offsets[0])).readOnly
          part.pointee.call.b = (terms + (part.pointee.terms + offsets[1])).readOnly
          part.pointee.call.y = (to + (part.pointee.to + offsets[2])).pointer
          kernel(&part.pointee.call)
        }
      }
    }
  }
}

extension StridedBinding {
  func accumulation(dimension: Int, isReversed: Bool) -> BoundAccumulation {
    let shape = equation.type.shape
    let factors =
      equation.operands[0].type.shape == .scalar
      ? Array(repeating: 0, count: shape.count) : operands[0].places(shape.count)
    let lines = lines(
      shape, along: dimension, [factors, operands[1].places(shape.count), operands[2].places(shape.count)],
      isReversed: isReversed)
    let (rows, loops) = rowsAndLoops(axes.map { self.dimension($0) })
    let parts = lines.map { line in
      let call = ebb_accumulation(
        a: UnsafeRawPointer(base(0)), a_row: rows.strides[0] / bytes, a_lane: line.strides[0] / bytes,
        a_k: places(line.steps[0], bytes), b: UnsafeRawPointer(base(1)), b_row: rows.strides[1] / bytes,
        b_lane: line.strides[1] / bytes, b_k: places(line.steps[1], bytes), y: base(2),
        y_row: rows.strides[2] / bytes, y_lane: line.strides[2] / bytes, y_k: places(line.steps[2], bytes),
        rows: rows.length, lanes: line.count, count: shape[dimension])
      return BoundAccumulation.Part(call: call, factors: line.start[0], terms: line.start[1], to: line.start[2])
    }
    return BoundAccumulation(
      kernel: kernels.accumulate, parts: binder.arena.table(parts), addresses: addresses, loops: loops)
  }
}
