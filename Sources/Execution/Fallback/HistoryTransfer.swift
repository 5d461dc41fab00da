internal import EbbGraph
internal import EbbPlanning

/// The rows of a sequence at the steps up to the present one, and zeros after it:
///
///     result[t, s] = x[s] for s ≤ t, else 0          (backward: s ≥ t)
///
/// A sweep keeps the result of one step. If it runs as the history grows, each step adds a row; the other way round, on
/// the way back, each step clears one.
struct HistoryTransfer {
  private let fallback: ScalarFallback
  private let time: Axis
  private let along: Axis
  private let isBackward: Bool
  /// For a result that is kept from step to step: whether the sweep runs backward.
  private let kept: Bool?
  private let source: ScalarFallback.Reader
  private let runs: [ScalarFallback.Run]
  private let axes: [Axis]
  private let slice: Slice?

  /// Nil if the node is no history, or its rows cannot be copied as they are.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, isBackward: Bool, slice: Slice?) {
    guard case .history(let time, let along, let grows) = equation.operation else { return nil }
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    source = fallback.operands[0]
    guard source.constant == nil, source.storage == fallback.result.storage else { return nil }
    (self.fallback, self.time, self.along, self.isBackward) = (fallback, time, along, grows)
    kept = binder.plan.values[equation.result.value].lifetime == .ring(1) ? isBackward : nil
    self.slice = slice
    runs = source.runs(to: fallback.result, fallback.features)
    axes = equation.type.domain.filter { $0 != sweep && $0 != along }
  }

  func run(_ step: Int) {
    let count = fallback.binder.lengths.count
    let length = fallback.binder.lengths[time.index]
    withScratch(0, count: count) { indices in
      withScratch(0, count: count) { inside in
        if let sweep = fallback.sweep { indices[sweep.index] = step }
        let places = places(at: step, of: length)
        fallback.forEach(axes, indices, slice: slice) {
          let now = indices[time.index]
          // An operand that lacks the rows of a ragged axis has steps beyond their ends.
          let end = fallback.length(time, indices)
          for index in indices.indices { inside[index] = indices[index] }
          for place in places {
            inside[time.index] = place
            indices[along.index] = place
            let isRemembered = place < end && (isBackward ? place >= now : place <= now)
            let row = isRemembered ? source.row(inside) : nil
            fallback.move(row, of: source, to: fallback.result.row(indices), in: runs)
          }
        }
      }
    }
  }

  /// The places that change at a step.
  private func places(at step: Int, of length: Int) -> Range<Int> {
    guard let kept, step != (kept ? length - 1 : 0) else { return 0..<length }
    let changed = kept == isBackward ? step : kept ? step + 1 : step - 1
    return changed..<changed + 1
  }
}
