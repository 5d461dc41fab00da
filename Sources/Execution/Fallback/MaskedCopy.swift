internal import EbbGraph
internal import EbbPlanning

/// Copies row by row between any two layouts; a number of its own goes outside ragged axes.
struct MaskedCopy {
  private let source: ScalarFallback.Reader
  private let target: ScalarFallback.Reader
  /// The number of axes of the graph.
  private let axes: Int
  private let sweep: Axis?
  /// The indices of the rows, without those of the sweep.
  private let rows: Table<Slice>
  /// The indices at which it copies; nil for all.
  private let inside: ScalarFallback.IndexSet?
  /// What it writes at the others.
  private let outside: Double
  private let features: Int
  /// Those of features that lie together on both sides; none of a constant.
  private let runs: [ScalarFallback.Run]
  private let conversion: NumberConversion

  init(
    _ binder: Binder, _ from: Source, _ target: Binder.Operand, _ domain: Domain, sweep: Axis?, slice: Slice?,
    outside: OutsideNumber?
  ) {
    source = ScalarFallback.reader(binder, from, tables: binder.arena)
    self.target = ScalarFallback.reader(binder, target, tables: binder.arena)
    axes = binder.lengths.count
    self.sweep = sweep
    rows = binder.arena.table(domain.filter { $0 != sweep }.map { binder.indices(of: $0, in: slice) })
    features = target.features.count
    inside = outside == nil ? nil : ScalarFallback.IndexSet(binder, domain, tables: binder.arena)
    self.outside = outside?.number ?? 0
    runs = source.constant == nil ? source.runs(to: self.target, features) : []
    conversion = NumberConversion(from: source.storage, to: self.target.storage)
  }

  func run(_ step: Int) {
    withScratch(0, count: axes) { indices in
      if let sweep { indices[sweep.index] = step }
      rows.forEach(indices) { copyRow(indices) }
    }
  }

  private func copyRow(_ indices: Table<Int>) {
    guard inside?.contains(indices) ?? true else {
      for feature in 0..<features { target.store(outside, indices, feature) }
      return
    }
    for run in runs {
      conversion.write(
        run.count, from: source.location(indices, run.feature), to: target.location(indices, run.feature))
    }
    guard runs.isEmpty else { return }
    for feature in 0..<features { target.store(source.load(indices, feature), indices, feature) }
  }
}
