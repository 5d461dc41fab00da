internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Evaluates one node of any operation, one number at a time, on the arena: what no kernel does.
///
/// Sums run in double precision in ascending order, so their bits do not depend on slices or threads. All that a loop
/// over numbers touches is a pointer into the arena or a plain value, so that it counts no references.
struct Evaluator {
  let binder: Binder
  let operation: EbbGraph.Operation
  let type: NodeType
  /// The number of features of the result.
  let features: Int
  let result: Reader
  let operands: UnsafePointer<Reader>
  let operandTypes: [NodeType]
  /// The length of each axis, and of the ragged ones those of its rows.
  let lengths: UnsafePointer<Int>
  let ragged: UnsafePointer<Reader?>
  /// The axes over which the operation reduces or contracts, if any.
  let over: UnsafeBufferPointer<AxisRange>
  /// The indices of the result and of `over` together, and those of the first operand.
  let inside: IndexSet
  let insideOperand: IndexSet
  /// The steps of a sweep that this node is part of.
  let sweep: Axis?

  init(_ binder: Binder, _ node: NodeID, sweep: Axis?) {
    let (graph, arena) = (binder.plan.graph, binder.arena)
    self.binder = binder
    operation = graph.operation(node)
    type = graph.type(node)
    features = type.shape.count
    operands = UnsafePointer(arena.table(graph.operands(node).map { Self.reader(binder, .node($0)) }))
    operandTypes = graph.operands(node).map { graph.type($0) }
    result = Self.reader(binder, binder.operand(node), tables: arena)
    lengths = UnsafePointer(arena.table(binder.lengths))
    ragged = UnsafePointer(
      arena.table(graph.axes.map { axis in axis.lengths.map { Self.reader(binder, .node($0)) } }))
    let over = Self.reducedAxes(operation)
    let ranges = over.map { AxisRange(axis: $0.index, low: 0, high: binder.lengths[$0.index]) }
    self.over = UnsafeBufferPointer(start: arena.table(ranges), count: ranges.count)
    inside = IndexSet(binder, type.domain.union(over), tables: arena)
    insideOperand = IndexSet(binder, operandTypes.first?.domain ?? .empty, tables: arena)
    self.sweep = sweep
  }

  private static func reducedAxes(_ operation: EbbGraph.Operation) -> Domain {
    switch operation {
    case .product(_, let over), .scatterAdd(_, let over), .reduceAxes(_, let over): over
    case .argmaxAxis(let axis): [axis]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .reduceFeatures,
      .argmaxFeatures, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient,
      .clipGradient:
      .empty
    }
  }

  // MARK: Iteration

  /// Some indices of one axis.
  struct AxisRange: BitwiseCopyable {
    var axis: Int
    var low: Int
    var high: Int
  }

  /// The index set of a domain: of each ragged axis whose lengths the domain indexes, t < length.
  struct IndexSet: BitwiseCopyable {
    private struct Limit: BitwiseCopyable {
      var axis: Int
      var length: Reader
    }
    private let limits: UnsafeBufferPointer<Limit>

    init(_ binder: Binder, _ domain: Domain, tables: Arena) {
      let graph = binder.plan.graph
      let limits = domain.compactMap { axis -> Limit? in
        guard let lengths = graph.description(of: axis).lengths, graph.lengthsDomain(of: [axis]).isSubset(of: domain)
        else { return nil }
        return Limit(axis: axis.index, length: Evaluator.reader(binder, .node(lengths), tables: tables))
      }
      self.limits = UnsafeBufferPointer(start: tables.table(limits), count: limits.count)
    }

    @inline(__always)
    func contains(_ indices: UnsafePointer<Int>) -> Bool {
      for limit in limits where indices[limit.axis] >= Int(limit.length.load(indices, 0)) { return false }
      return true
    }
  }

  /// Calls `body` for each index of `axes` (others keep what `indices` holds), ascending, the last axis fastest.
  func forEach(_ axes: [Axis], _ indices: UnsafeMutablePointer<Int>, slice: Slice?, _ body: () -> Void) {
    let ranges = axes.map { axis in
      if let slice, slice.axis == axis.index { return AxisRange(axis: axis.index, low: slice.low, high: slice.high) }
      return AxisRange(axis: axis.index, low: 0, high: lengths[axis.index])
    }
    ranges.withUnsafeBufferPointer { forEach($0, indices, body) }
  }

  @inline(__always)
  func forEach(_ ranges: UnsafeBufferPointer<AxisRange>, _ indices: UnsafeMutablePointer<Int>, _ body: () -> Void) {
    for range in ranges {
      guard range.low < range.high else { return }
      indices[range.axis] = range.low
    }
    while true {
      body()
      var depth = ranges.count - 1
      while depth >= 0 {
        let range = ranges[depth]
        indices[range.axis] += 1
        if indices[range.axis] < range.high { break }
        indices[range.axis] = range.low
        depth -= 1
      }
      if depth < 0 { return }
    }
  }

  func length(_ axis: Axis, _ indices: UnsafePointer<Int>) -> Int {
    if let rows = ragged[axis.index] { return Int(rows.load(indices, 0)) }
    return lengths[axis.index]
  }

  /// Computes the node for a step of its sweep (ignored outside sweeps) and a slice of its rows.
  func run(step: Int, slice: Slice?) {
    let count = binder.lengths.count
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * max(count, 1)) { buffer in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: features) { totals in
        buffer.initialize(repeating: 0)
        totals.initialize(repeating: 0)
        let work = Workspace(
          indices: buffer.baseAddress!, scratch: buffer.baseAddress! + count, axes: count, totals: totals)
        if let sweep { work.indices[sweep.index] = step }
        forEach(type.domain.filter { $0 != sweep }, work.indices, slice: slice) { compute(work) }
      }
    }
  }
}
