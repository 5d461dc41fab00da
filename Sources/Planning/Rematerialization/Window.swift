/// A window of steps, in which the values of a plan that need no more live: the memory of one segment of time, used for
/// each in turn.
public struct Window: Sendable {
  /// Which values a window holds.
  public let streaming: Streaming
  /// The steps of a window; the last one of a sequence may be shorter.
  public let steps: Int
  /// How many states are kept beside the first.
  public let snapshots: Int

  /// A window of so many steps, with so many snapshots.
  public init(_ streaming: Streaming, steps: Int, snapshots: Int) {
    self.streaming = streaming
    self.steps = steps
    self.snapshots = snapshots
  }

  /// The windows of a sequence.
  public func count(length: Int) -> Int { (length + steps - 1) / steps }

  /// The steps of window `index`.
  public func steps(_ index: Int, length: Int) -> Range<Int> { index * steps..<min((index + 1) * steps, length) }
}

/// The places of a value that carry its state from one window to the next, as runs of bytes.
public struct CarriedRuns: Sendable {
  /// The number of runs, one for each panel or one for all, and the bytes from one to the next.
  public var count: Int
  /// The bytes from one run to the next.
  public var stride: Int
  /// Bytes of one step in a run, and the number of steps.
  public var step: Int
  /// How many steps a run has.
  public var steps: Int

  /// The bytes of all runs.
  public var bytes: Int { count * step * steps }

  init(_ value: Value, _ layout: ValueLayout) {
    let step = layout.strides[0]
    count = layout.panelStride > step ? value.features.panels(value.storage.lanes) : 1
    stride = layout.panelStride * value.storage.bytes
    self.step = step * value.storage.bytes
    steps = layout.ring > 0 ? layout.ring : max(value.before, value.after)
  }
}
