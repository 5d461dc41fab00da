/// Some steps of a sequence, computed again rather than kept (Chen et al. 2016): values that need no more places have
/// those of one segment, which each segment uses again.
package struct RematerializationSegment: Sendable {
  /// Which values a segment holds.
  package let analysis: SegmentAnalysis
  /// The number of steps of a segment; the last one of a sequence may be shorter.
  package let steps: Int
  /// The number of states kept besides the first.
  package let snapshots: Int

  /// The segments of a sequence.
  package func count(length: Int) -> Int { (length + steps - 1) / steps }

  /// The steps of segment `index`.
  package func steps(_ index: Int, length: Int) -> Range<Int> { index * steps..<min((index + 1) * steps, length) }
}

/// The places of a value that carry its state from one segment to the next, as runs of bytes.
package struct StateRuns: Sendable {
  /// The number of runs, one for each panel or one for all, and the bytes from one to the next.
  package var count: Int
  /// The bytes from one run to the next.
  package var stride: Int
  /// Bytes of one step in a run, and the number of steps.
  package var step: Int
  /// How many steps a run has.
  package var steps: Int

  /// The bytes of all runs.
  package var bytes: Int { count * step * steps }

  init(_ value: Value, _ layout: ValueLayout) {
    let step = layout.strides[0]
    count = layout.panelStride > step ? value.features.panels(value.storage.lanes) : 1
    stride = layout.panelStride * value.storage.bytes
    self.step = step * value.storage.bytes
    steps = layout.ring > 0 ? layout.ring : max(value.before, value.after)
  }
}
