internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning

/// What decides the random numbers of a run.
struct Draw {
  var seed: UInt64 = 0
  var run: UInt64 = 0
  /// The number of the first sample in the batch of which this run has a part.
  var firstSample: UInt32 = 0
}

/// Turns the instructions of a plan into calls of kernels on addresses, for given lengths.
struct Binder {
  let plan: Plan
  let lengths: [Int]
  let memory: MemoryPlan
  let arena: Arena
  let instructionSet: InstructionSet
  let draw: Stored<Draw>
  /// The axes of samples: batch axes that the inputs of a run bind.
  let sampleAxes: Domain
  /// In a sweep over a grid, the index of each outer axis for which instructions are bound.
  var pinned: [Axis: Int] = [:]
  /// The first step of the segment for which segmented values are bound.
  var firstStep = 0

  // MARK: Operands

  /// An operand for a kernel: an address, strides, features.
  struct Operand {
    var address: Address
    /// Bytes for each axis of the graph; 0 where the operand does not depend on it.
    var strides: [Int]
    var storage: StorageType
    var features: FeatureLayout
    /// Elements.
    var panelStride: Int
    var isRepeated: Bool
    /// For an operand without axes with a dense layout.
    var isDense: Bool
    /// The outermost axis of the value, by which a ring wraps; −1 if there are no axes.
    var outermost = -1
  }

  /// All memory of a value.
  func memory(of value: Int) -> Location {
    arena.location(memory.offsets[value], bytes: memory.layouts[value].count * plan.values[value].storage.bytes)
  }

  /// Index 0 of a value.
  func base(_ value: Int) -> Location {
    let layout = memory.layouts[value]
    let first = isSegmented(value) ? firstStep * layout.strides[0] : 0
    return memory(of: value) + (layout.origin - first) * plan.values[value].storage.bytes
  }

  /// The first panel of packed weights.
  func weights(_ index: Int) -> Location {
    let packed = plan.weights[index]
    return arena.location(memory.weightOffsets[index], bytes: packed.bytes)
  }

  /// Whether a value lives in a segment of steps.
  func isSegmented(_ value: Int) -> Bool { memory.tiling.segment.map { $0.analysis.isSegmented[value] } ?? false }

  func operand(_ view: View) -> Operand {
    let value = plan.values[view.value]
    let layout = memory.layouts[view.value]
    let bytes = value.storage.bytes
    var strides = noStrides
    for (axis, stride) in zip(value.axes, layout.strides) { strides[axis.index] = stride * bytes }
    let slot = (layout.strides.first ?? 0) * bytes
    var address = Address(base(view.value) + (view.panel * layout.panelStride + view.lane) * bytes)
    if layout.ring == 0 {
      address.base += view.shift * slot
    } else {
      address.shift = view.shift
      address.ring = layout.ring
    }
    if let across = view.across { address.base += across.shift * strides[across.axis.index] }
    if let fixed = view.fixed {
      let index = fixed.position == .first ? 0 : lengths[fixed.axis.index] - 1
      address.base += index * strides[fixed.axis.index]
      strides[fixed.axis.index] = 0
    }
    return Operand(
      address: address, strides: strides, storage: value.storage, features: view.features,
      panelStride: layout.panelStride, isRepeated: view.isRepeated, isDense: value.isDense,
      outermost: value.axes.first?.index ?? -1)
  }

  private var noStrides: [Int] { Array(repeating: 0, count: plan.axes.count) }

  /// One number for all indices, in a table of the arena.
  func constant(_ number: Double, _ storage: StorageType) -> Operand {
    let base =
      switch storage {
      case .single: Location(arena.table([Float(number)]))
      case .double: Location(arena.table([number]))
      }
    return Operand(
      address: Address(base), strides: noStrides, storage: storage,
      features: FeatureLayout(pieces: [1]), panelStride: 0, isRepeated: true, isDense: false)
  }

  func operand(_ source: Source, _ storage: StorageType) -> Operand {
    switch source {
    case .view(let view): operand(view)
    case .constant(let number): constant(number, storage)
    }
  }

  // MARK: Iteration

  /// All indices of an axis, or those of a slice along it.
  func indices(of axis: Axis, in slice: Slice?) -> Slice {
    if let index = pinned[axis] { return Slice(axis: axis.index, low: index, high: index + 1) }
    if let slice, slice.axis == axis.index { return slice }
    return Slice(axis: axis.index, low: 0, high: lengths[axis.index])
  }

  /// The rows of a kernel call and the loops around it.
  struct Iteration {
    var rows: Int
    /// Bytes from a row to the next, for each operand.
    var rowStrides: [Int]
    var loops: OuterLoops
  }

  /// Steps through `domain` (a sweep's own axes left out) for these operands. Neighbouring axes merge into rows if
  /// every operand steps evenly through them. Addresses move to the slice's first index; a slice of steps lies in one
  /// block of a ring.
  func iteration(
    _ domain: Domain, order: [Axis], sweep: Axis?, slice: Slice?, _ operands: inout [Operand]
  ) -> Iteration {
    for index in operands.indices {
      if let sweep {
        operands[index].address.stride = operands[index].strides[sweep.index]
        if operands[index].address.ring == 1 { operands[index].address.stride = 0 }
      }
      for (axis, first) in pinned { operands[index].address.base += first * operands[index].strides[axis.index] }
      if let slice, slice.axis != sweep?.index {
        let ring = slice.axis == operands[index].outermost ? operands[index].address.ring : 0
        let first = ring == 0 ? slice.low : slice.low % ring
        operands[index].address.base += first * operands[index].strides[slice.axis]
      }
    }
    // Outermost first, in the order of the result's memory.
    var loops: [(length: Int, strides: [Int])] = []
    let axes = order.filter { domain.contains($0) } + domain.filter { !order.contains($0) }
    for axis in axes where axis != sweep && pinned[axis] == nil {
      let run = indices(of: axis, in: slice)
      let length = run.high - run.low
      let strides = operands.map { $0.strides[axis.index] }
      if let outer = loops.last, zip(outer.strides, strides).allSatisfy({ $0 == $1 * length }) {
        loops[loops.count - 1] = (outer.length * length, strides)
      } else if length > 1 || loops.isEmpty {
        loops.append((length, strides))
      }
    }
    let inner = loops.popLast() ?? (1, operands.map { _ in 0 })
    return Iteration(
      rows: inner.length, rowStrides: inner.strides,
      loops: OuterLoops(
        depth: loops.count, lengths: arena.table(loops.map(\.length)), strides: arena.table(loops.flatMap(\.strides)),
        operands: operands.count))
  }
}
