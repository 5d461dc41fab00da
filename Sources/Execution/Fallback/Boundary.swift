internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Writes the boundary values of a delay or an advance one number at a time:
/// delay: node[t] = initial[t] for t < by; advance: node[t] = final[t + by − length] for t ≥ length − by.
struct Boundary {
  private let fallback: ScalarFallback
  let shift: (axis: Axis, by: Int, isAdvance: Bool)
  /// In a sweep over a ragged axis rows end at different steps, so each step writes its own.
  private let sweep: Axis?
  private let slice: Slice?

  init(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    guard let shift = equation.operation.shift else {
      preconditionFailure("\(equation.operation.keyword) has no boundary")
    }
    self.shift = shift
    fallback = ScalarFallback(binder, equation, sweep: nil)
    self.sweep = sweep
    self.slice = slice
  }

  func run(_ step: Int) {
    let count = fallback.binder.lengths.count
    withScratch(0, count: count) { indices in
      let axes = fallback.type.domain.filter { $0 != shift.axis && $0 != sweep }
      if let sweep { indices[sweep.index] = step }
      let only = sweep == shift.axis ? step : fallback.binder.pinned[shift.axis]
      fallback.forEach(axes, indices, slice: slice) {
        let length = fallback.length(shift.axis, indices)
        let first = shift.isAdvance ? length - shift.by : 0
        for place in 0..<shift.by {
          let index = first + place
          guard index >= 0, index < length, only == nil || index == only else { continue }
          indices[shift.axis.index] = index
          write(indices, place)
        }
      }
    }
  }

  private func write(_ indices: Table<Int>, _ place: Int) {
    let count = fallback.type.shape.count
    for feature in 0..<count {
      let source = shift.by == 1 ? feature : place * count + feature
      fallback.result.store(fallback.operands[0].load(indices, source), indices, feature)
    }
  }
}
