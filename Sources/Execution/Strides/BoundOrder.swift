internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// The order of the entries along a feature dimension.
struct BoundOrder: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_order>) -> Void
  var call: Stored<ebb_order>
  /// The bytes in which the kernel sorts a line.
  var room: Int
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (from, to) = (addresses[0](step), addresses[1](step))
    withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { buffer in
      guard let room = buffer.baseAddress else { return }
      withScratch(0, count: 2) { offsets in
        loops.forEach(offsets) {
          call.value.room = room
          call.value.a = (from + offsets[0]).readOnly
          call.value.out = (to + offsets[1]).pointer.assumingMemoryBound(to: Double.self)
          kernel(call.pointer)
        }
      }
    }
  }
}

extension StridedBinding {
  func order(dimension: Int, isDescending: Bool) -> BoundOrder {
    let shape = equation.type.shape
    let (count, inner) = (shape[dimension], shape.array[(dimension + 1)...].reduce(1, *))
    let (rows, loops) = rowsAndLoops(axes.map { self.dimension($0) })
    let (from, to) = (operands[0].storage.bytes, operands[1].storage.bytes)
    let call = ebb_order(
      a: UnsafeRawPointer(base(0)), a_row: rows.strides[0] / from, a_places: places(0, shape),
      out: base(1).assumingMemoryBound(to: Double.self), out_row: rows.strides[1] / to, out_places: places(1, shape),
      rows: rows.length, lines: shape.count / count, count: count, inner: inner, descending: isDescending ? 1 : 0,
      room: base(1))
    return BoundOrder(
      kernel: binder.instructionSet.kernels(operands[0].storage).argsort, call: binder.arena.stored(call),
      room: 4 * count * from, addresses: addresses, loops: loops)
  }
}
