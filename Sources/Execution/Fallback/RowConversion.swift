internal import EbbGraph
internal import EbbPlanning

/// A conversion to another element type, in memory of another width, in runs of features that lie together on both sides.
struct RowConversion {
  private let fallback: ScalarFallback
  private let source: ScalarFallback.Reader
  private let conversion: NumberConversion
  private let runs: [ScalarFallback.Run]
  private let axes: [Axis]
  private let slice: Slice?

  /// Nil if the node is no such conversion.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    guard case .convert(let element) = equation.operation else { return nil }
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    source = fallback.operands[0]
    guard source.constant == nil,
      let conversion = NumberConversion(to: element, from: source.storage, to: fallback.result.storage)
    else { return nil }
    self.fallback = fallback
    self.conversion = conversion
    self.slice = slice
    runs = source.runs(to: fallback.result, fallback.features)
    axes = equation.type.domain.filter { $0 != sweep }
  }

  func run(_ step: Int) {
    withScratch(0, count: fallback.binder.lengths.count) { indices in
      if let sweep = fallback.sweep { indices[sweep.index] = step }
      fallback.forEach(axes, indices, slice: slice) {
        let (row, target) = (source.row(indices), fallback.result.row(indices))
        for run in runs {
          conversion.write(
            run.count, from: row + source.offsets[run.feature], to: target + fallback.result.offsets[run.feature])
        }
      }
    }
  }
}
