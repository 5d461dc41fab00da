internal import EbbGraph
internal import EbbPlanning

/// The rows at one index of an axis, and their adjoint.
///
///     pick:       result[i] = x[i, place_i], or 0 where there is no such index
///     place:      result[i, t] = x[i] at t = place_i, else 0
struct IndexTransfer {
  private let fallback: ScalarFallback
  private let axis: Axis
  private let position: Position
  private let isPick: Bool
  private let source: ScalarFallback.Reader
  private let runs: [ScalarFallback.Run]
  private let axes: [Axis]
  private let slice: Slice?

  /// Nil if the node is neither, or its rows cannot be copied as they are.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    if case .pick(let axis, let position) = equation.operation {
      (self.axis, self.position, isPick) = (axis, position, true)
    } else if case .place(let axis, let position) = equation.operation {
      (self.axis, self.position, isPick) = (axis, position, false)
    } else {
      return nil
    }
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    source = fallback.operands[0]
    guard source.constant == nil, source.storage == fallback.result.storage else { return nil }
    self.fallback = fallback
    self.slice = slice
    runs = source.runs(to: fallback.result, fallback.features)
    axes = equation.type.domain.filter { $0 != sweep }
  }

  func run(_ step: Int) {
    let count = fallback.binder.lengths.count
    withScratch(0, count: count) { indices in
      withScratch(0, count: count) { inside in
        if let sweep = fallback.sweep { indices[sweep.index] = step }
        fallback.forEach(axes, indices, slice: slice) {
          let place = fallback.place(axis, position, indices)
          for index in indices.indices { inside[index] = indices[index] }
          if isPick { inside[axis.index] = place ?? 0 }
          let isThere = isPick ? place != nil && fallback.insideOperand.contains(inside) : place == indices[axis.index]
          let row = isThere ? source.row(inside) : nil
          fallback.move(row, of: source, to: fallback.result.row(indices), in: runs)
        }
      }
    }
  }
}
