internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Evaluates one node of any operation, one number at a time, on the arena: what no kernel does.
///
/// Sums run in double precision in ascending order, so their bits do not depend on slices or threads.
struct Evaluator {
  let binder: Binder
  let node: NodeID
  let operation: EbbGraph.Operation
  let type: NodeType
  let result: Reader
  let operands: [Reader]
  let operandTypes: [NodeType]
  /// For each axis, the lengths of its rows if it is ragged.
  let ragged: [Reader?]
  /// The steps of a sweep that this node is part of.
  let sweep: Axis?

  /// Reads and writes the numbers of one operand.
  struct Reader {
    var address: Address
    var swept: Int
    var strides: [Int]
    var storage: StorageType
    var offsets: [Int]
    var constant: Double?

    /// The number at these indices of all axes and this feature.
    func pointer(_ indices: UnsafePointer<Int>, _ feature: Int) -> UnsafeMutableRawPointer {
      var pointer = swept >= 0 ? address(indices[swept]) : address.base
      for axis in strides.indices { pointer += strides[axis] * indices[axis] }
      return pointer + offsets[feature]
    }

    func load(_ indices: UnsafePointer<Int>, _ feature: Int) -> Double {
      if let constant { return constant }
      let pointer = pointer(indices, feature)
      switch storage {
      case .single: return Double(pointer.load(as: Float.self))
      case .double: return pointer.load(as: Double.self)
      }
    }

    func store(_ number: Double, _ indices: UnsafePointer<Int>, _ feature: Int) {
      let pointer = pointer(indices, feature)
      switch storage {
      case .single: pointer.storeBytes(of: Float(number), as: Float.self)
      case .double: pointer.storeBytes(of: number, as: Double.self)
      }
    }
  }

  init(_ binder: Binder, _ node: NodeID, sweep: Axis?, result: Binder.Operand? = nil) {
    let graph = binder.plan.graph
    self.binder = binder
    self.node = node
    operation = graph.operation(node)
    type = graph.type(node)
    operands = graph.operands(node).map { Self.reader(binder, .node($0)) }
    operandTypes = graph.operands(node).map { graph.type($0) }
    self.result = Self.reader(binder, result ?? binder.operand(node))
    ragged = graph.axes.map { axis in axis.lengths.map { Self.reader(binder, .node($0)) } }
    self.sweep = sweep
  }

  /// For each axis, the lengths of its rows if it is ragged and `domain` indexes them.
  static func lengths(_ binder: Binder, within domain: Domain) -> [Reader?] {
    let graph = binder.plan.graph
    return graph.axes.indices.map { index in
      let axis = Axis(index)
      guard domain.contains(axis), graph.lengthsDomain(of: [axis]).isSubset(of: domain) else { return nil }
      return graph.description(of: axis).lengths.map { reader(binder, .node($0)) }
    }
  }

  static func reader(_ binder: Binder, _ source: Source) -> Reader {
    if case .node(let node) = source,
      case .constant(let number) = binder.plan.graph.operation(binder.plan.canonical[node.index])
    {
      return Reader(
        address: Address(base: binder.arena.base, stride: 0, shift: 0, ring: 0), swept: -1, strides: [],
        storage: .double, offsets: [0], constant: number)
    }
    return reader(binder, binder.operand(source, .double))
  }

  static func reader(_ binder: Binder, _ operand: Binder.Operand) -> Reader {
    let bytes = operand.storage.bytes
    var strides = operand.strides
    var address = operand.address
    var swept = -1
    // The outermost axis of a ring is addressed by its step modulo the ring.
    if address.ring > 0 {
      let axis = operand.outermost
      swept = axis
      address.stride = address.ring == 1 ? 0 : strides[axis]
      strides[axis] = 0
    }
    let lanes = operand.storage.lanes
    let offsets: [Int]
    if operand.isRepeated {
      offsets = Array(repeating: 0, count: operand.features.count)
    } else if operand.isDense {
      offsets = (0..<operand.features.count).map { $0 * bytes }
    } else {
      offsets = operand.features.offsets(lanes).map { offset in
        (offset / lanes * operand.panelStride + offset % lanes) * bytes
      }
    }
    return Reader(
      address: address, swept: swept, strides: strides, storage: operand.storage, offsets: offsets, constant: nil)
  }

  // MARK: Iteration

  /// Calls `body` for each index of `axes` (others keep what `indices` holds), ascending, within ragged lengths.
  func forEach(
    _ axes: [Axis], _ indices: UnsafeMutablePointer<Int>, limits: [Int: Range<Int>] = [:], _ body: () -> Void
  ) {
    func visit(_ depth: Int) {
      guard depth < axes.count else {
        body()
        return
      }
      let axis = axes[depth].index
      for index in limits[axis] ?? 0..<binder.lengths[axis] {
        indices[axis] = index
        visit(depth + 1)
      }
    }
    visit(0)
  }

  func length(_ axis: Axis, _ indices: UnsafePointer<Int>) -> Int {
    ragged[axis.index].map { Int($0.load(indices, 0)) } ?? binder.lengths[axis.index]
  }

  /// Whether the indices lie in the index set of `domain`: t < length for each ragged axis whose lengths it indexes.
  func isInside(_ domain: Domain, _ indices: UnsafePointer<Int>) -> Bool {
    domain.allSatisfy { axis in
      ragged[axis.index] == nil || !binder.plan.graph.lengthsDomain(of: [axis]).isSubset(of: domain)
        || indices[axis.index] < length(axis, indices)
    }
  }

  /// An operand's number, or 0 outside its index set.
  func loadOrZero(_ position: Int, _ indices: UnsafePointer<Int>, _ feature: Int) -> Double {
    isInside(operandTypes[position].domain, indices) ? operands[position].load(indices, feature) : 0
  }

  /// Computes the node for a step of its sweep (ignored outside sweeps) and a slice of its rows.
  func run(step: Int, slice: Slice?) {
    let count = binder.lengths.count
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * max(count, 1)) { buffer in
      buffer.initialize(repeating: 0)
      let indices = buffer.baseAddress!
      let scratch = indices + count
      if let sweep { indices[sweep.index] = step }
      var limits: [Int: Range<Int>] = [:]
      if let slice { limits[slice.axis] = slice.low..<slice.high }
      let axes = type.domain.filter { $0 != sweep }
      forEach(axes, indices, limits: limits) { compute(indices, scratch) }
    }
  }
}
