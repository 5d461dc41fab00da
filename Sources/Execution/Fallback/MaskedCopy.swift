internal import EbbGraph
internal import EbbPlanning

/// Copies row by row between any two layouts; with `masked`, zeros outside ragged axes.
struct MaskedCopy {
  private let binder: Binder
  private let source: ScalarFallback.Reader
  private let target: ScalarFallback.Reader
  private let domain: Domain
  private let sweep: Axis?
  private let slice: Slice?
  /// For each ragged axis whose lengths the domain indexes, its rows' lengths.
  private let lengths: [ScalarFallback.Reader?]
  private let features: Int
  /// Runs of features that lie together on both sides: (first feature, bytes). Empty if the widths differ.
  private let runs: [(feature: Int, bytes: Int)]

  init(
    _ binder: Binder, _ from: Source, _ target: Binder.Operand, _ domain: Domain, sweep: Axis?, slice: Slice?,
    masked: Bool
  ) {
    self.binder = binder
    source = ScalarFallback.reader(binder, from, tables: binder.arena)
    self.target = ScalarFallback.reader(binder, target, tables: binder.arena)
    self.domain = domain
    self.sweep = sweep
    self.slice = slice
    features = target.features.count
    lengths = masked ? ScalarFallback.lengths(binder, within: domain, tables: binder.arena) : []
    runs = Self.runs(source, self.target, features)
  }

  private static func runs(
    _ source: ScalarFallback.Reader, _ target: ScalarFallback.Reader, _ features: Int
  ) -> [(feature: Int, bytes: Int)] {
    guard source.constant == nil, source.storage == target.storage else { return [] }
    let bytes = source.storage.bytes
    var runs: [(feature: Int, bytes: Int)] = []
    for feature in 0..<features {
      let isNext =
        feature > 0 && source.offsets[feature] == source.offsets[feature - 1] + bytes
        && target.offsets[feature] == target.offsets[feature - 1] + bytes
      if isNext { runs[runs.count - 1].bytes += bytes } else { runs.append((feature, bytes)) }
    }
    return runs
  }

  func run(_ step: Int) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(binder.lengths.count, 1)) { buffer in
      buffer.initialize(repeating: 0)
      let indices = buffer.start
      if let sweep { indices[sweep.index] = step }
      visit(Array(domain.filter { $0 != sweep }), 0, indices)
    }
  }

  private func visit(_ axes: [Axis], _ depth: Int, _ indices: UnsafeMutablePointer<Int>) {
    if depth < axes.count {
      let axis = axes[depth].index
      let range =
        slice.map { $0.axis == axis ? $0.low..<$0.high : 0..<binder.lengths[axis] } ?? 0..<binder.lengths[axis]
      for index in range {
        indices[axis] = index
        visit(axes, depth + 1, indices)
      }
      return
    }
    let isInside = lengths.enumerated().allSatisfy { axis, rows in
      rows.map { indices[axis] < Int($0.load(indices, 0)) } ?? true
    }
    for run in runs {
      let place = target.pointer(indices, run.feature)
      if isInside {
        place.copyMemory(from: source.pointer(indices, run.feature), byteCount: run.bytes)
      } else {
        place.initializeMemory(as: UInt8.self, repeating: 0, count: run.bytes)
      }
    }
    guard runs.isEmpty else { return }
    for feature in 0..<features { target.store(isInside ? source.load(indices, feature) : 0, indices, feature) }
  }
}
