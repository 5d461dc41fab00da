internal import EbbGraph
internal import EbbPlanning

/// What each instruction becomes for a slice of its indices.
extension Binder {
  /// An instruction for a slice of one axis; within a sweep, for the step that it is run with.
  func work(_ instruction: Instruction, sweep: Axis?, slice: Slice?) -> Work {
    switch instruction {
    case .program(let program): .kernel(.program(kept(self.program(program, sweep: sweep, slice: slice))))
    case .product(let node, let rows, let weights, let addend):
      .kernel(.product(kept(product(node, rows, weights, addend, sweep: sweep, slice: slice))))
    case .reduceRows(let node, let from, let factor, let reduction):
      .kernel(.reduceRows(kept(reduceRows(node, from, factor, reduction, sweep: sweep, slice: slice))))
    case .copy(let from, let to, let panel, let count, let masked):
      copy(from, to, panel, count, masked, sweep: sweep, slice: slice)
    case .boundary(let node):
      sweep == nil ? boundary(node) : .fill(Boundary(self, node, everyStep: true, slice: slice))
    case .general(let node):
      if let transfer = RowTransfer(self, node, sweep: sweep, slice: slice) {
        .rows(transfer)
      } else {
        .general(Evaluator(self, node, sweep: sweep), slice)
      }
    case .pack(let index): .kernel(.pack(kept(pack(index))))
    case .assemble(let node, let pieces): .kernel(.assemble(kept(assembly(node, pieces))))
    case .outer, .sumColumns: preconditionFailure("a sum over all indices is cut by its panels and steps")
    }
  }

  /// A sum over all indices, for some panels of its columns and some steps.
  func sum(_ instruction: Instruction, panels: Range<Int>, slice: Slice?, isDescending: Bool, isFirst: Bool) -> Work {
    switch instruction {
    case .outer(let node, let left, let right):
      .kernel(
        .outer(
          kept(outer(node, left, right, panels: panels, slice: slice, isDescending: isDescending, isFirst: isFirst))))
    case .sumColumns(let node, let from):
      .kernel(
        .sumColumns(
          kept(sumColumns(node, from, panels: panels, slice: slice, isDescending: isDescending, isFirst: isFirst))))
    case .program, .product, .reduceRows, .copy, .boundary, .general, .pack, .assemble:
      preconditionFailure("no sum over all indices")
    }
  }

  /// The call, where it stays as long as the arena.
  private func kept<Call: BitwiseCopyable>(_ call: Call) -> UnsafePointer<Call> { UnsafePointer(arena.table([call])) }

  // MARK: Copies and boundaries

  private func copy(
    _ from: Source, _ to: Int, _ panel: Int, _ count: Int, _ masked: Bool, sweep: Axis?, slice: Slice?
  ) -> Work {
    let value = plan.values[to]
    let domain = Domain(value.axes)
    var view = View(value: to, features: value.features.part(from: panel, count: count, value.storage.lanes))
    view.panel = panel
    let target = operand(view)
    let source = operand(from, value.storage)
    if !masked, Self.canCopy(source, target) {
      return .kernel(.program(kept(copy(source, to: target, domain, order: value.axes, sweep: sweep, slice: slice))))
    }
    return .mask(MaskedCopy(self, from, target, domain, sweep: sweep, slice: slice, masked: masked))
  }

  /// Whether a program can copy: the same panels, or one number for all features.
  private static func canCopy(_ source: Operand, _ target: Operand) -> Bool {
    if target.isDense { return false }
    if source.isRepeated || target.features.isScalar { return source.features.isScalar || source.isRepeated }
    return source.storage == target.storage && source.features == target.features && !source.isDense
  }

  /// The boundary values of a carrier, written before its steps are read.
  private func boundary(_ node: NodeID) -> Work {
    let graph = plan.graph
    let carrier = graph.operation(node).carrier!
    let target = operand(node)
    let boundary = graph.operand(node, 1)
    let isRagged = graph.description(of: carrier.axis).lengths != nil
    let source: Operand
    if case .constant(let number) = graph.operation(plan.canonical[boundary.index]) {
      source = constant(number, target.storage)
    } else {
      source = operand(boundary)
    }
    guard carrier.by == 1, !(isRagged && carrier.isAdvance), Self.canCopy(source, target) else {
      return .fill(Boundary(self, node, everyStep: false, slice: nil))
    }
    let program = copy(
      source, to: target, graph.type(node).domain, order: order(node), sweep: carrier.axis, slice: nil)
    return .kernel(.boundary(kept(program), step: carrier.isAdvance ? lengths[carrier.axis.index] - 1 : 0))
  }
}
