internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// How instructions become tasks: slices of rows inside a sweep, slices of the outermost axis outside.
extension BoundStage {
  /// Rows that a worker takes through a sweep, at least: a product's micro-kernel works on eight at a time.
  private static let granule = 8
  /// Numbers to compute below which waking another thread costs more than it saves.
  private static let grain = 40_000

  /// The slices of rows that workers take through a whole sweep without meeting.
  static func slices(_ stage: Stage, _ binder: Binder, _ options: ExecutionOptions) -> [Slice?] {
    guard let axis = stage.sliced, options.threads > 1 else { return [nil] }
    let rows = binder.lengths[axis.index]
    let enough = cost(of: stage, binder) / grain
    let count = min(options.threads, rows / granule, enough)
    guard count > 1 else { return [nil] }
    // Whole granules, as even as they go.
    let granules = (rows + granule - 1) / granule
    return (0..<count).map { index in
      Slice(
        axis: axis.index, low: granules * index / count * granule,
        high: min(rows, granules * (index + 1) / count * granule))
    }
  }

  /// About how many numbers a sweep computes, products counted by their vector operations.
  private static func cost(of stage: Stage, _ binder: Binder) -> Int {
    func rows(_ node: NodeID) -> Int { binder.order(node).reduce(1) { $0 * binder.lengths[$1.index] } }
    return stage.instructions.reduce(0) { total, instruction in
      switch instruction {
      case .program(let program):
        total + elements(program.domain, binder) * program.features.count * program.steps.count / 4
      case .product(let node, _, let weights, _):
        total + rows(node) * binder.plan.weights[weights].rows * binder.plan.weights[weights].columns.count / 16
      case .reduceRows(let node, let from, _):
        total + rows(node) * (binder.features(from)?.count ?? 1) / 4
      case .general(let node): total + rows(node) * 100
      case .outer, .sumColumns, .pack, .assemble, .copy, .boundary: total
      }
    }
  }

  /// One instruction of a sweep's step, for a slice of its rows.
  static func work(_ instruction: Instruction, _ binder: Binder, sweep: Axis?, slice: Slice?) -> Work {
    switch instruction {
    case .program(let program):
      return .kernel(.program(binder.program(program, sweep: sweep, slice: slice)))
    case .product(let node, let rows, let weights, let addend):
      return .kernel(.product(binder.product(node, rows, weights, addend, sweep: sweep, slice: slice)))
    case .reduceRows(let node, let from, let reduction):
      return .kernel(.reduceRows(binder.reduceRows(node, from, reduction, sweep: sweep, slice: slice)))
    case .copy(let from, let to, let panel, let count, let masked):
      return copy(from, to, panel, count, masked, binder, sweep: sweep, slice: slice)
    case .boundary(let node):
      return .fill(Boundary(binder, node, everyStep: true, slice: slice))
    case .general(let node):
      return .general(Evaluator(binder, node, sweep: sweep), slice)
    case .outer, .sumColumns, .pack, .assemble:
      preconditionFailure("a sum over all steps inside a step")
    }
  }

  /// A whole-sequence instruction: groups of tasks, one group after the other.
  static func tasks(
    _ instruction: Instruction, _ binder: Binder, _ options: ExecutionOptions
  ) -> [[Work]] {
    let graph = binder.plan.graph
    switch instruction {
    case .program(let program):
      let elements = elements(program.domain, binder) * program.features.count
      let first = program.nodes.lazy.compactMap { binder.order($0).first }.first
      return split(first, elements * program.steps.count / 4, binder, options) { slice in
        work(instruction, binder, sweep: nil, slice: slice)
      }
    case .product(let node, _, let weights, _):
      let packing = binder.plan.weights[weights]
      let elements = elements(graph.type(node).domain, binder) * packing.rows * packing.columns.count / 16
      return split(binder.order(node).first, elements, binder, options) { slice in
        work(instruction, binder, sweep: nil, slice: slice)
      }
    case .reduceRows(let node, _, _):
      return split(binder.order(node).first, elements(graph.type(node).domain, binder) * 16, binder, options) { slice in
        work(instruction, binder, sweep: nil, slice: slice)
      }
    case .copy(_, let to, _, _, _):
      let value = binder.plan.values[to]
      let elements = value.axes.reduce(value.features.count) { $0 * binder.lengths[$1.index] }
      return split(value.axes.first, elements, binder, options) { slice in
        work(instruction, binder, sweep: nil, slice: slice)
      }
    case .outer(let node, let left, let right):
      let features = binder.operand(right, binder.operand(node).storage).features
      let panels = features.panels(binder.operand(node).storage.lanes)
      let parts = options.threads > 1 ? min(panels, options.threads * 4) : 1
      return [
        (0..<parts).map { part in
          .kernel(.outer(binder.outer(node, left, right, panels: panels * part / parts..<panels * (part + 1) / parts)))
        }
      ]
    case .sumColumns(let node, let from):
      return [[.kernel(.sumColumns(binder.sumColumns(node, from)))]]
    case .pack(let index):
      return [[.kernel(.pack(binder.pack(index)))]]
    case .assemble(let node, let pieces):
      return [[.kernel(.assemble(binder.assembly(node, pieces)))]]
    case .boundary(let node):
      return [[boundary(node, binder)]]
    case .general(let node):
      let type = graph.type(node)
      return split(type.domain.first { _ in true }, elements(type.domain, binder) * type.shape.count, binder, options) {
        .general(Evaluator(binder, node, sweep: nil), $0)
      }
    }
  }

  /// Cuts an instruction along an axis; with `segment`, at its multiples, which then run one after the other.
  private static func split(
    _ axis: Axis?, _ cost: Int, _ binder: Binder, _ options: ExecutionOptions, _ work: (Slice?) -> Work
  ) -> [[Work]] {
    guard let axis else { return [[work(nil)]] }
    let length = binder.lengths[axis.index]
    let isTime = binder.plan.graph.description(of: axis).kind == .time
    let segment = isTime ? options.segment ?? length : length
    return stride(from: 0, to: length, by: segment).map { low in
      let high = min(low + segment, length)
      let parts = options.threads > 1 ? max(1, min(high - low, options.threads * 4, cost / grain)) : 1
      return (0..<parts).map { part in
        work(
          Slice(
            axis: axis.index, low: low + (high - low) * part / parts, high: low + (high - low) * (part + 1) / parts))
      }
    }
  }

  private static func elements(_ domain: Domain, _ binder: Binder) -> Int {
    domain.reduce(1) { $0 * binder.lengths[$1.index] }
  }

  // MARK: Copies and boundaries

  private static func copy(
    _ from: Source, _ to: Int, _ panel: Int, _ count: Int, _ masked: Bool, _ binder: Binder, sweep: Axis?, slice: Slice?
  ) -> Work {
    let value = binder.plan.values[to]
    let domain = Domain(value.axes)
    var view = View(value: to, features: value.features.part(from: panel, count: count, value.storage.lanes))
    view.panel = panel
    let target = binder.operand(view)
    let source = binder.operand(from, value.storage)
    if !masked, canCopy(source, target) {
      return .kernel(.program(binder.copy(source, to: target, domain, order: value.axes, sweep: sweep, slice: slice)))
    }
    return .mask(MaskedCopy(binder, from, target, domain, sweep: sweep, slice: slice, masked: masked))
  }

  /// Whether a program can copy: the same panels, or one number for all features.
  private static func canCopy(_ source: Binder.Operand, _ target: Binder.Operand) -> Bool {
    if target.isDense { return false }
    if source.isRepeated || target.features.isScalar { return source.features.isScalar || source.isRepeated }
    return source.storage == target.storage && source.features == target.features && !source.isDense
  }

  /// The boundary values of a carrier, written before its steps are read.
  private static func boundary(_ node: NodeID, _ binder: Binder) -> Work {
    let graph = binder.plan.graph
    let carrier = graph.operation(node).carrier!
    let target = binder.operand(node)
    let boundary = graph.operand(node, 1)
    let isRagged = graph.description(of: carrier.axis).lengths != nil
    let canonical = binder.plan.canonical[boundary.index]
    let source: Binder.Operand
    if case .constant(let number) = graph.operation(canonical) {
      source = binder.constant(number, target.storage)
    } else {
      source = binder.operand(boundary)
    }
    guard carrier.by == 1, !(isRagged && carrier.isAdvance), canCopy(source, target) else {
      return .fill(Boundary(binder, node, everyStep: false, slice: nil))
    }
    let program = binder.copy(
      source, to: target, graph.type(node).domain, order: binder.order(node), sweep: carrier.axis, slice: nil)
    return .boundary(program, step: carrier.isAdvance ? binder.lengths[carrier.axis.index] - 1 : 0)
  }
}
