internal import EbbGraph

/// The places of a value's numbers for known lengths of the axes, in elements from its index 0.
///
/// With enough rows per step, panels come first: `[panel][index][row][lane]`, so that a product reads adjacent rows.
/// With few rows, each row's features are contiguous: `[index][row][panel][lane]`. What only kernels in strides touch has no
/// padding: `[index][row][feature]`.
package struct ValueLayout: Hashable, Sendable {
  /// Elements from a panel to the next one.
  package var panelStride: Int
  /// Elements from an index to the next one, for each of the value's axes.
  package var strides: [Int]
  /// The places of the outermost axis, including boundary places.
  package var slots: Int
  /// For a ring: its number of places; 0 for a value that keeps every index.
  package var ring: Int
  /// The number of elements, and the position of index 0.
  package var count: Int
  /// The element of index 0.
  package var origin: Int

  /// With fewer rows per step than this, each row's features are contiguous.
  package static let fewRows = 8

  /// The indices of the outermost axis that a value holds at a time.
  enum Held {
    case all
    /// The indices of one segment at a time.
    case segment(Int)
    /// The last ones; a power of two.
    case ring(Int)
  }

  init(_ value: Value, _ axes: [Plan.PlannedAxis], _ lengths: [Int], held: Held) {
    let lanes = value.storage.lanes
    let panels = value.features.panels(lanes)
    guard let first = value.axes.first else {
      panelStride = lanes
      strides = []
      (slots, ring, origin) = (1, 0, 0)
      count = value.isPadded ? panels * lanes : value.features.count * (value.isSum ? 2 : 1)
      return
    }
    let margins = value.axes.dropFirst().map { value.margin($0) }
    let inner = margins.map { $0.before + lengths[$0.axis.index] + $0.after }
    let rows = inner.reduce(1, *)
    switch (value.lifetime, held) {
    case (.whole, .all): (slots, ring) = (value.before + lengths[first.index] + value.after, 0)
    case (.whole, .segment(let steps)): (slots, ring) = (value.before + steps + value.after, 0)
    case (.whole, .ring(let steps)), (.ring(let steps), _): (slots, ring) = (steps, steps)
    }
    let stepRows = value.axes.reduce(1) { axes[$1.index].kind == .batch ? $0 * lengths[$1.index] : $0 }
    let rowStride: Int
    if value.features.isScalar && !value.isPadded {
      rowStride = 1
      panelStride = 0
      count = slots * rows
    } else if value.isTight {
      rowStride = value.features.count
      panelStride = lanes
      count = slots * rows * rowStride
    } else if stepRows < Self.fewRows || value.isRowMajor {
      rowStride = panels * lanes
      panelStride = lanes
      count = slots * rows * panels * lanes
    } else {
      rowStride = lanes
      // One more row, so that panels do not all fall into the same cache sets.
      panelStride = (slots * rows + 1) * lanes
      count = panels * panelStride
    }
    var strides: [Int] = []
    var stride = rowStride
    for length in inner.reversed() {
      strides.insert(stride, at: 0)
      stride *= length
    }
    strides.insert(stride, at: 0)
    self.strides = strides
    origin = zip(margins, strides.dropFirst()).reduce(ring == 0 ? value.before * stride : 0) { $0 + $1.0.before * $1.1 }
  }
}
