package import EbbGraph

/// An instruction's access to a piece of memory: read or write, and at which indices.
///
/// An instruction runs for some indices of its axes, a slice of rows or a strip of steps; by default it touches a
/// value at those same indices.
package struct Access: Hashable, Sendable {
  /// The memory that is touched.
  package enum Memory: Hashable, Sendable {
    /// A value of the plan.
    case value(Int)
    /// A packed weight matrix of the plan.
    case weights(Int)
  }

  /// The memory that is touched.
  package var memory: Memory
  /// Whether it is written; otherwise it is read.
  package var isWrite: Bool
  /// Steps added to the index of the value's outermost axis.
  package var shift = 0
  /// Whether it is at another index of a grid's outer axis.
  package var isAcross = false
  /// An axis along which one index is read.
  package var fixed: View.FixedAxis?
  /// Axes along which any index may be touched.
  package var everywhere: Domain = .empty
  /// Places outside the outermost axis's indices: for the boundary of a delay (negative: this many before index 0) or
  /// of an advance (positive: this many after the last).
  package var boundary = 0
}

extension Access {
  /// Reads a value of the plan.
  init(reading value: Int) { self.init(memory: .value(value), isWrite: false) }

  init(_ view: View, isWrite: Bool = false, everywhere: Domain = .empty) {
    self.init(
      memory: .value(view.value), isWrite: isWrite, shift: view.shift, isAcross: view.across != nil, fixed: view.fixed,
      everywhere: view.across.map { everywhere.inserting($0.axis) } ?? everywhere)
  }
}

extension Plan {
  /// Everything that an instruction reads or writes.
  package func accesses(of instruction: Instruction) -> [Access] {
    switch instruction.kernel {
    case .program(let program):
      return program.operands.flatMap { operand -> [Access] in
        guard let view = operand.source.view else { return [] }
        return (operand.reads ? [Access(view)] : []) + (operand.writes ? [Access(view, isWrite: true)] : [])
      }
    case .product(let result, let rows, let weights, let addend):
      return [Access(result, isWrite: true), Access(rows)] + (addend.map { [Access($0)] } ?? [])
        + [Access(memory: .weights(weights), isWrite: false)]
    case .outer(let result, let left, let right, _):
      return [Access(result, isWrite: true), Access(left), Access(right)]
    case .reduceRows(let result, let from, let factor, _):
      return [Access(result, isWrite: true), Access(from)] + (factor.map { [Access($0)] } ?? [])
    case .sumColumns(let result, let from, _):
      return [Access(result, isWrite: true), Access(from)]
    case .pack(let index):
      return weights[index].pieces.map { Access(reading: $0.value) }
        + [Access(memory: .weights(index), isWrite: true)]
    case .assemble(let result, _, let pieces):
      return pieces.map { Access(reading: $0.value) } + [Access(result, isWrite: true)]
    case .copy(let from, let target, let outside):
      // A copy fills a value at its own indices.
      let written = Access(memory: .value(target.value), isWrite: true)
      return (from.view.map { [Access($0)] } ?? []) + [written] + (outside == nil ? [] : lengths)
    case .boundary(let equation):
      return boundary(equation)
    case .strided(let equation), .general(let equation):
      // A history that is kept from step to step takes in the present one.
      let mixed = takesIn(equation, instruction.phase) ? .empty : equation.operation.mixedAxes
      return [Access(equation.result, isWrite: true)] + lengths
        + equation.operands.compactMap { $0.source.view.map { Access($0, everywhere: mixed) } }
    }
  }

  /// Whether a sweep keeps a history from step to step, and runs as it grows.
  private func takesIn(_ equation: GeneralCall, _ phase: Phase) -> Bool {
    guard case .history(_, _, let isBackward) = equation.operation else { return false }
    return values[equation.result.value].lifetime == .ring(1) && isBackward == phase.isBackward
  }

  /// A delay's boundary values are in the places before or after its value's steps; if rows end at different steps, an
  /// advance's are among the steps.
  private func boundary(_ equation: GeneralCall) -> [Access] {
    guard let shift = equation.operation.shift else {
      preconditionFailure("\(equation.operation.keyword) has no boundary")
    }
    let isRagged = axis(shift.axis).isRagged
    var written = Access(equation.result, isWrite: true)
    if equation.result.across != nil || shift.isAdvance && isRagged {
      written.everywhere = [shift.axis]
    } else {
      written.boundary = shift.isAdvance ? shift.by : -shift.by
    }
    return [written] + equation.operands.compactMap { $0.source.view.map { Access($0) } } + (isRagged ? lengths : [])
  }

  /// The lengths of ragged axes.
  private var lengths: [Access] { axes.compactMap { $0.lengths?.source.view.map { Access($0) } } }
}
