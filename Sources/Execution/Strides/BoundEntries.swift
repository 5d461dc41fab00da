internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// Entries along a feature dimension at given places: gathered, or added there.
struct BoundEntries: BitwiseCopyable {
  var kernel: @convention(c) (UnsafePointer<ebb_entries>) -> Void
  var call: Stored<ebb_entries>
  /// The operand that has the numbers, and the one that has the ids.
  var numbers: Int
  var ids: Int
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (from, chosen, to) = (addresses[numbers](step), addresses[ids](step), addresses[2](step))
    withScratch(0, count: 3) { offsets in
      loops.forEach(offsets) {
        call.value.a = (from + offsets[numbers]).readOnly
        call.value.ids = (chosen + offsets[ids]).readOnly.assumingMemoryBound(to: Double.self)
        call.value.out = (to + offsets[2]).pointer
        kernel(call.pointer)
      }
    }
  }
}

extension StridedBinding {
  func gathering(dimension: Int) -> BoundEntries {
    entries(numbers: 0, ids: 1, indexed: equation.operands[0].type.shape, dimension, kernels.gather_entries)
  }

  func scattering(dimension: Int) -> BoundEntries {
    entries(numbers: 1, ids: 0, indexed: equation.type.shape, dimension, kernels.scatter_entries)
  }

  private func entries(
    numbers: Int, ids: Int, indexed: Shape, _ dimension: Int,
    _ kernel: @escaping @convention(c) (UnsafePointer<ebb_entries>) -> Void
  ) -> BoundEntries {
    let shape = equation.operands[ids].type.shape
    let (entries, extent) = (indexed[dimension], shape[dimension])
    let inner = indexed.array[(dimension + 1)...].reduce(1, *)
    // For each id, the first of the features that it chooses from.
    let first = (0..<shape.count).map { $0 / (extent * inner) * entries * inner + $0 % inner }
    let (rows, loops) = rowsAndLoops(axes.map { self.dimension($0) })
    let idBytes = operands[ids].storage.bytes
    let call = ebb_entries(
      a: UnsafeRawPointer(base(numbers)), a_row: rows.strides[numbers] / bytes,
      a_places: places(numbers, equation.operands[numbers].type.shape),
      ids: UnsafeRawPointer(base(ids)).assumingMemoryBound(to: Double.self), id_row: rows.strides[ids] / idBytes,
      id_places: places(ids, shape), out: base(2), out_row: rows.strides[2] / bytes,
      out_places: places(2, equation.type.shape), first: binder.arena.table(first).readOnly, rows: rows.length,
      count: shape.count, features: equation.type.shape.count, entries: entries, inner: inner)
    return BoundEntries(
      kernel: kernel, call: binder.arena.stored(call), numbers: numbers, ids: ids, addresses: addresses, loops: loops)
  }
}
