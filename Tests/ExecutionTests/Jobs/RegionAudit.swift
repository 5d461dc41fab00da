import EbbGraph
import EbbPlanning

@testable import EbbExecution

/// What jobs really touch, compared with the regions that they declare.
///
/// Each job runs three times on the memory that it finds: as it is, and twice with everything outside its regions
/// overwritten, each time by something else. If a byte outside what it writes changes, or a byte that it writes depends
/// on what lies outside, a region is too small, and jobs that only seem to be apart may run side by side. What is loaded
/// and then dropped changes no byte; that is for the thread sanitizer to see, and the kernels' tests.
extension Session {
  /// Runs all jobs in the program's order and describes each that goes beyond its regions.
  func jobsBeyondTheirRegions() -> [String] {
    let arena = binder.arena
    let all = 0..<arena.byteCount
    var found: [String] = []
    // A session keeps no regions: its jobs are built once more.
    let builder = JobBuilder(binder, options)
    for (job, regions) in zip(builder.jobs, builder.regions) {
      let runs = regions.map { (isWrite: $0.isWrite, bytes: binder.runs($0)) }
      func forEachRun(written: Bool, _ body: (Range<Int>) -> Void) {
        // Who writes may read there too.
        for run in runs where run.isWrite || !written { run.bytes.forEach(body) }
      }
      func report(_ what: String, _ byte: Int) {
        found.append("stage \(job.stage), \(job.label), \(what) \(binder.place(byte))")
      }
      let before = arena.contents
      job.run()
      let after = arena.contents
      // NaN, and ordinary numbers.
      for garbage in [0xFF, 0x3F] as [UInt8] {
        arena.fill(with: garbage)
        forEachRun(written: false) { arena.restore($0, of: before) }
        job.run()
        forEachRun(written: true) { run in
          if let byte = arena.firstDifference(from: after, in: run) {
            report("reads elsewhere what it needs to write", byte)
          }
        }
      }
      // As it was before, but for what the job declares to write.
      arena.restore(all, of: before)
      forEachRun(written: true) { arena.restore($0, of: after) }
      if let byte = arena.firstDifference(from: after, in: all) { report("writes", byte) }
      arena.restore(all, of: after)
    }
    return found
  }
}

extension Binder {
  /// The bytes of a region: rows with all their panels, padding included, or single numbers. The panels of a sum are not
  /// told apart.
  fileprivate func runs(_ region: Region) -> [Range<Int>] {
    let weights = region.place - plan.values.count
    if weights >= plan.weights.count {
      let snapshot = weights - plan.weights.count
      // Tables lie outside the arena.
      guard snapshot < memory.tiling.segment?.snapshots ?? 0 else { return [] }
      let first = memory.snapshotOffset + snapshot * memory.snapshotBytes
      return [first..<first + memory.snapshotBytes]
    }
    if weights >= 0 {
      let (packed, first) = (plan.weights[weights], memory.weightOffsets[weights])
      return [first..<first + packed.rows * packed.columns.panels(packed.storage.lanes) * 128]
    }
    var result: [Range<Int>] = []
    let (value, layout) = (plan.values[region.place], memory.layouts[region.place])
    let bytes = value.storage.bytes
    let lanes = value.storage.lanes
    let isNumber = value.features.isScalar && !value.isPadded
    let panels = value.isDense || isNumber || value.isTight ? 1 : value.features.panels(lanes)
    let row = value.isTight ? value.features.count : isNumber ? 1 : lanes
    let width = (value.isDense ? layout.count : row) * bytes
    func indices(_ depth: Int) -> Range<Int> {
      let axis = value.axes[depth].index
      var range = 0..<lengths[axis]
      if depth == 0 { range = layout.ring > 0 ? 0..<layout.ring : -value.before..<layout.slots - value.before }
      if let run = region.run(axis) { range = range.clamped(to: run) }
      return range
    }
    func visit(_ depth: Int, _ element: Int) {
      guard depth < value.axes.count else {
        for panel in 0..<panels {
          let first = memory.offsets[region.place] + (element + panel * layout.panelStride) * bytes
          result.append(first..<first + width)
        }
        return
      }
      for index in indices(depth) { visit(depth + 1, element + index * layout.strides[depth]) }
    }
    visit(0, layout.origin)
    return result
  }

  /// What lies at a byte, for people.
  fileprivate func place(_ byte: Int) -> String {
    let values = plan.values.indices.filter { memory.offsets[$0] <= byte }
    guard let value = values.max(by: { memory.offsets[$0] < memory.offsets[$1] }) else { return "byte \(byte)" }
    return "byte \(byte - memory.offsets[value]) of value \(value), %\(plan.values[value].node.index)"
  }
}
