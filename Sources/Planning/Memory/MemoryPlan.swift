internal import EbbGraph

/// A plan's memory for given lengths: the place of each value in one arena, shared by values that are never needed
/// together, and the size of the arena.
public struct MemoryPlan: Sendable {
  /// How each value lies in its place.
  package let layouts: [ValueLayout]
  /// The offset of each value in the arena, in bytes.
  package let offsets: [Int]
  /// The offset of each packed weight matrix in the arena, in bytes.
  package let weightOffsets: [Int]
  /// The parts of the steps of a run.
  package let tiling: TimeTiling
  /// The steps that each instruction of a sweep takes at once.
  package let bursts: Bursts
  /// With a segment, the values that cross from one segment to the next, and their bytes.
  package let stateRuns: [Int: StateRuns]
  /// The offset of the snapshots.
  package let snapshotOffset: Int
  /// The bytes of one snapshot.
  package let snapshotBytes: Int
  /// The arena's size in bytes: the predicted peak.
  public let bytes: Int
  /// For each value and then each packed weight matrix, the others that occupy the same place at another time.
  package let shared: [[Int]]

  /// Everything starts at a multiple of a panel's bytes, so that the widest vectors are aligned.
  static let alignment = 128

  /// Without recomputation; in blocks if these are worth it.
  public init(_ plan: Plan, lengths: [Int]) {
    let lengths = plan.completed(lengths)
    self.init(plan, lengths: lengths, tiling: TimeBlocks(plan, lengths: lengths).map { .blocks($0) } ?? .none)
  }

  package init(_ plan: Plan, lengths: [Int], tiling: TimeTiling) {
    let lengths = plan.completed(lengths)
    // A snapshot has whole rings, which are small without bursts.
    let bursts = tiling.segment == nil ? Bursts(plan, lengths: lengths) : .none(plan)
    let layouts = plan.values.indices.map { index in
      ValueLayout(bursts.widened(plan.values[index], at: index), plan.axes, lengths, held: tiling.held(index))
    }
    let segment = tiling.segment
    let ranges = plan.liveRanges(tiling)
    func size(_ value: Int) -> Int { Self.size(plan.values[value], layouts[value]) }
    var offsets = Array(repeating: 0, count: plan.values.count)
    var places = FirstFit(moments: (ranges.map(\.upperBound).max() ?? 0) + 1)
    var end = 0
    // Largest first, each at the lowest place without a value that lives at the same time.
    let order = plan.values.indices.sorted { (size($0), $1) > (size($1), $0) }
    for value in order {
      offsets[value] = places.place(size(value), during: ranges[value])
      end = max(end, offsets[value] + size(value))
    }
    var weightOffsets: [Int] = []
    for weights in plan.weights {
      weightOffsets.append(end)
      end += weights.bytes
    }
    var stateRuns: [Int: StateRuns] = [:]
    for (index, value) in plan.values.enumerated() where value.before + value.after > 0 {
      guard let segment, segment.analysis.isPinned[index], value.axes.first == segment.analysis.order.axis
      else { continue }
      stateRuns[index] = StateRuns(value, layouts[index])
    }
    snapshotOffset = end
    snapshotBytes = (segment?.analysis.snapshotValues ?? []).reduce(0) { $0 + (stateRuns[$1]?.bytes ?? 0) }
    end += snapshotBytes * (segment?.snapshots ?? 0)
    var shared = Array(repeating: [Int](), count: plan.values.count + plan.weights.count)
    let byPlace = plan.values.indices.sorted { offsets[$0] < offsets[$1] }
    for (position, value) in byPlace.enumerated() {
      for other in byPlace[(position + 1)...] {
        if offsets[other] >= offsets[value] + size(value) { break }
        shared[value].append(other)
        shared[other].append(value)
      }
    }
    self.tiling = tiling
    self.bursts = bursts
    self.stateRuns = stateRuns
    self.shared = shared
    self.layouts = layouts
    self.offsets = offsets
    self.weightOffsets = weightOffsets
    self.bytes = end
  }

  /// The bytes of the values that meet a condition, including padding.
  package func bytes(of plan: Plan, where fits: (Int) -> Bool) -> Int {
    plan.values.indices.filter(fits).reduce(0) { $0 + Self.size(plan.values[$1], layouts[$1]) }
  }

  private static func size(_ value: Value, _ layout: ValueLayout) -> Int {
    // Kernels may touch the padding lanes after a dense vector.
    let bytes = layout.count * value.storage.bytes + alignment
    return (bytes + alignment - 1) / alignment * alignment
  }
}
