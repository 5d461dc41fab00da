internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// out[j] = argmax_k a[k, j], for each index of the axes that are left.
struct BoundArgmax: BitwiseCopyable {
  /// A call for a run of lines, with its distance from the operands' first numbers.
  struct Part: BitwiseCopyable {
    var call: ebb_argmax
    var from: Int
    var to: Int
  }

  var kernel: @convention(c) (UnsafePointer<ebb_argmax>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (from, to) = (addresses[0](step), addresses[1](step))
    withScratch(0, count: 2) { offsets in
      loops.forEach(offsets) {
        for index in parts.indices {
          let part = parts.start + index
          part.pointee.call.a = (from + (part.pointee.from + offsets[0])).readOnly
          part.pointee.call.out = (to + (part.pointee.to + offsets[1])).pointer.assumingMemoryBound(to: Double.self)
          kernel(&part.pointee.call)
        }
      }
    }
  }
}

extension StridedBinding {
  /// Along a feature dimension.
  func argmax(dimension: Int) -> BoundArgmax {
    let shape = equation.operands[0].type.shape
    let lines = lines(
      shape, along: dimension, [operands[0].places(shape.count), operands[1].places(equation.type.shape.count)])
    return argmax(lines, axes.map { self.dimension($0) })
  }

  /// Along an axis: features are lines, or another axis along which numbers lie side by side.
  func argmax(axis: Axis) -> BoundArgmax {
    let reduced = dimension(axis)
    let steps = (0..<reduced.length).map { $0 * reduced.strides[0] }
    var kept = axes.map { dimension($0) }
    let count = equation.type.shape.count
    if count == 1, let place = kept.firstIndex(where: { $0.strides[0] == operands[0].storage.bytes }) {
      let lanes = kept.remove(at: place)
      return argmax([LineRun(count: lanes.length, strides: lanes.strides, start: [0, 0], steps: [steps, []])], kept)
    }
    let runs = StridedDimension.runs(operands.map { $0.places(count) }, lanes: lanes).flatMap(\.singleRuns)
    return argmax(
      runs.map { LineRun(count: $0.length, strides: $0.strides, start: $0.start, steps: [steps, []]) }, kept)
  }

  private func argmax(_ lines: [LineRun], _ kept: [StridedDimension]) -> BoundArgmax {
    let (rows, loops) = rowsAndLoops(kept)
    let (from, to) = (operands[0].storage.bytes, operands[1].storage.bytes)
    let parts = lines.map { line in
      let call = ebb_argmax(
        a: UnsafeRawPointer(base(0)), a_row: rows.strides[0] / from, a_lane: line.strides[0] / from,
        a_k: places(line.steps[0], from), run: run(line.steps[0], from),
        out: base(1).assumingMemoryBound(to: Double.self), out_row: rows.strides[1] / to,
        out_lane: line.strides[1] / to, rows: rows.length, lanes: line.count, count: line.steps[0].count)
      return BoundArgmax.Part(call: call, from: line.start[0], to: line.start[1])
    }
    return BoundArgmax(
      kernel: binder.instructionSet.kernels(operands[0].storage).argmax, parts: binder.arena.table(parts),
      addresses: addresses, loops: loops)
  }
}
