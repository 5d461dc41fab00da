internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Evaluates one node of any operation, one number at a time, on the arena, for operations without a kernel.
///
/// Sums run in double precision in ascending order, so their bits do not depend on slices or threads. Loops over
/// numbers touch only tables in the arena and plain values, so they count no references.
struct ScalarFallback {
  let binder: Binder
  let operation: EbbGraph.Operation
  let type: NodeType
  /// The number of features of the result.
  let features: Int
  let result: Reader
  let operands: Table<Reader>
  let operandTypes: [NodeType]
  /// The length of each axis, and for ragged ones the lengths of their rows.
  let lengths: Table<Int>
  let ragged: Table<Reader?>
  /// The axes over which the operation reduces or contracts, if any.
  let over: Table<Slice>
  /// The indices of the result and of `over` together, and those of the first operand.
  let inside: IndexSet
  let insideOperand: IndexSet
  /// The axis of the sweep that contains this node.
  let sweep: Axis?

  init(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?) {
    let arena = binder.arena
    self.binder = binder
    operation = equation.operation
    type = equation.type
    features = type.shape.count
    operands = arena.table(equation.operands.map { Self.reader(binder, $0.source, tables: arena) })
    operandTypes = equation.operands.map(\.type)
    result = Self.reader(binder, binder.operand(equation.result), tables: arena)
    lengths = arena.table(binder.lengths)
    ragged = arena.table(binder.plan.axes.map { $0.lengths.map { Self.reader(binder, $0.source, tables: arena) } })
    let over = operation.reducedAxes
    self.over = arena.table(over.map { binder.indices(of: $0, in: nil) })
    inside = IndexSet(binder, type.domain.union(over), tables: arena)
    insideOperand = IndexSet(binder, operandTypes.first?.domain ?? .empty, tables: arena)
    self.sweep = sweep
  }

  // MARK: Iteration

  /// The index set of a domain: t < length for each ragged axis whose lengths the domain indexes.
  struct IndexSet: BitwiseCopyable {
    private struct Limit: BitwiseCopyable {
      var axis: Int
      var length: Reader
    }
    private let limits: Table<Limit>

    init(_ binder: Binder, _ domain: Domain, tables: Arena) {
      let limits = domain.compactMap { axis -> Limit? in
        guard let lengths = binder.plan.axis(axis).lengths, lengths.type.domain.isSubset(of: domain) else { return nil }
        return Limit(axis: axis.index, length: ScalarFallback.reader(binder, lengths.source, tables: tables))
      }
      self.limits = tables.table(limits)
    }

    @inline(__always)
    func contains(_ indices: Table<Int>) -> Bool {
      for index in limits.indices where indices[limits[index].axis] >= Int(limits[index].length.load(indices, 0)) {
        return false
      }
      return true
    }
  }

  /// Calls `body` for each index of `axes` (others keep their values in `indices`), ascending, the last axis fastest.
  func forEach(_ axes: [Axis], _ indices: Table<Int>, slice: Slice?, _ body: () -> Void) {
    axes.map { binder.indices(of: $0, in: slice) }.withTable { $0.forEach(indices, body) }
  }

  func length(_ axis: Axis, _ indices: Table<Int>) -> Int {
    if let rows = ragged[axis.index] { return Int(rows.load(indices, 0)) }
    return lengths[axis.index]
  }

  /// Computes the node for a step of its sweep (ignored outside sweeps) and a slice of its rows.
  func run(step: Int, slice: Slice?) {
    let count = binder.lengths.count
    withScratch(0, count: count) { indices in
      withScratch(0, count: count) { scratch in
        withScratch(0.0, count: features) { totals in
          let work = Workspace(indices: indices, scratch: scratch, totals: totals)
          if let sweep { work.indices[sweep.index] = step }
          forEach(type.domain.filter { $0 != sweep }, work.indices, slice: slice) { compute(work) }
        }
      }
    }
  }
}
