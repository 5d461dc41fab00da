internal import EbbGraph
internal import EbbPlanning

/// The work of each instruction for a slice of its indices.
extension Binder {
  /// An instruction for a slice of one axis; within a sweep, for the step of each run.
  func work(_ instruction: Instruction, sweep: Axis?, slice: Slice?) -> Work {
    switch instruction.kernel {
    case .program(let program): .kernel(.program(arena.stored(self.program(program, sweep: sweep, slice: slice))))
    case .product(let result, let rows, let weights, let addend):
      .kernel(.product(arena.stored(product(result, rows, weights, addend, sweep: sweep, slice: slice))))
    case .reduceRows(let result, let from, let factor, let reduction):
      .kernel(.reduceRows(arena.stored(reduceRows(result, from, factor, reduction, sweep: sweep, slice: slice))))
    case .copy(let from, let target, let outside):
      copy(from, to: target, outside: outside, sweep: sweep, slice: slice)
    case .boundary(let equation):
      sweep == nil ? boundary(equation) : .fill(Boundary(self, equation, sweep: sweep, slice: slice))
    case .strided(let equation): strided(equation, sweep: sweep, slice: slice)
    case .general(let equation):
      if let transfer = RowTransfer(self, equation, sweep: sweep, slice: slice) {
        .rows(transfer)
      } else if let transfer = IndexTransfer(self, equation, sweep: sweep, slice: slice) {
        .indices(transfer)
      } else if let transfer = HistoryTransfer(
        self, equation, sweep: sweep, isBackward: instruction.phase.isBackward, slice: slice)
      {
        .history(transfer)
      } else if let draw = RandomDraw(self, equation, sweep: sweep, slice: slice) {
        .random(draw)
      } else if let conversion = RowConversion(self, equation, sweep: sweep, slice: slice) {
        .convert(conversion)
      } else {
        .general(ScalarFallback(self, equation, sweep: sweep), slice)
      }
    case .pack(let index): .kernel(.pack(arena.stored(pack(index))))
    case .assemble(let result, let columns, let pieces):
      .kernel(.assemble(arena.stored(assembly(result, columns, pieces))))
    case .outer, .sumColumns: preconditionFailure("a sum over all indices is cut by its panels and steps")
    }
  }

  /// A sum over all indices, for some panels of its columns and some steps.
  func sum(_ instruction: Instruction, panels: Range<Int>, slice: Slice?, isFirst: Bool) -> Work {
    let part = SumPart(panels: panels, slice: slice, isDescending: instruction.phase.isBackward, isFirst: isFirst)
    switch instruction.kernel {
    case .outer(let result, let left, let right, let over):
      return .kernel(.outer(arena.stored(outer(result, left, right, over, part))))
    case .sumColumns(let result, let from, let over):
      return .kernel(.sumColumns(arena.stored(sumColumns(result, from, over, part))))
    case .program, .product, .reduceRows, .copy, .boundary, .strided, .general, .pack, .assemble:
      preconditionFailure("no sum over all indices")
    }
  }

  // MARK: Copies and boundaries

  private func copy(_ from: Source, to view: View, outside: OutsideNumber?, sweep: Axis?, slice: Slice?) -> Work {
    let axes = plan.memoryAxes(view)
    let target = operand(view)
    let source = operand(from, target.storage)
    if outside == nil, Self.canCopy(source, target) {
      return .kernel(
        .program(arena.stored(copy(source, to: target, Domain(axes), order: axes, sweep: sweep, slice: slice))))
    }
    return .mask(MaskedCopy(self, from, target, Domain(axes), sweep: sweep, slice: slice, outside: outside))
  }

  /// Whether a program can copy: the same panels, or one number for all features.
  private static func canCopy(_ source: Operand, _ target: Operand) -> Bool {
    if target.isDense { return false }
    if source.isRepeated || target.features.isScalar { return source.features.isScalar || source.isRepeated }
    return source.storage == target.storage && source.features == target.features && !source.isDense
  }

  /// The boundary values of a delay, written before its steps are read.
  private func boundary(_ equation: GeneralCall) -> Work {
    let fill = Boundary(self, equation, sweep: nil, slice: nil)
    let shift = fill.shift
    let target = operand(equation.result)
    let source = operand(equation.operands[0].source, target.storage)
    guard shift.by == 1, !(plan.axis(shift.axis).isRagged && shift.isAdvance), Self.canCopy(source, target) else {
      return .fill(fill)
    }
    let program = copy(
      source, to: target, equation.type.domain, order: plan.memoryAxes(equation.result), sweep: shift.axis,
      slice: nil)
    return .kernel(.boundary(arena.stored(program), step: shift.isAdvance ? lengths[shift.axis.index] - 1 : 0))
  }
}
