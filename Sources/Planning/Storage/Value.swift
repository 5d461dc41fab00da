package import EbbGraph

/// The width of the numbers in memory. Int32 values are held as doubles, which are exact for them; Bool values are held
/// as 0 and 1 in the width of their computation.
package enum StorageType: UInt8, Hashable, Sendable {
  /// Floats of 32 bits, or of 64.
  case single, double

  /// The bytes of one number.
  package var bytes: Int {
    switch self {
    case .single: 4
    case .double: 8
    }
  }
  /// Lanes of a panel: 128 bytes.
  package var lanes: Int { 128 / bytes }
}

/// A piece of memory that holds the values of one node.
package struct Value: Hashable, Sendable {
  /// How long an index of the outermost axis is kept.
  package enum Lifetime: Hashable, Sendable {
    /// Every index has its own place: it is read by a later stage, or is an output.
    case whole
    /// Only a ring of this many steps of the sweep, a power of two: no later stage reads it.
    case ring(Int)
  }

  /// Places before index 0 and after the last index of an axis that is not the outermost.
  package struct Margin: Hashable, Sendable {
    /// The axis.
    package var axis: Axis
    /// Places before index 0.
    package var before = 0
    /// Places after the last index.
    package var after = 0
  }

  /// The node whose values these are: its name in messages.
  package var node: NodeID
  /// The width of its numbers.
  package var storage: StorageType
  /// The phase in which it is written.
  package var phase: Phase
  /// The axes, outermost first; a sweep's axis comes first. None for parameters and values derived only from them.
  package var axes: [Axis]
  /// The features; without axes they are dense and row-major, unless `isPadded`.
  package var features: FeatureLayout
  /// How long it is kept.
  package var lifetime: Lifetime = .whole
  /// Places before index 0 and after the last index of the outermost axis: the boundary values of delays and advances.
  package var before = 0
  /// Places after the last index of the outermost axis.
  package var after = 0
  /// The same for further axes: those of a grid along which its states are delayed.
  package var margins: [Margin] = []
  /// For a value without axes: laid out in panels, to be broadcast over rows. For a single feature with rows: a panel
  /// for each row, since products write whole panels.
  package var isPadded = false
  /// Whether all features of a row lie together, as the entries of a matrix do.
  package var isRowMajor = false
  /// Whether one row's features follow the other's without padding: nothing reads or writes it in panels.
  package var isTight = false
  /// For a sum over all indices: its numbers are followed by their accumulated rounding errors.
  package var isSum = false

  /// Whether it has no axes and its features lie without padding.
  package var isDense: Bool { axes.isEmpty && !isPadded }

  /// The places next to the indices of an axis.
  package func margin(_ axis: Axis) -> Margin {
    if axis == axes.first { return Margin(axis: axis, before: before, after: after) }
    return margins.first { $0.axis == axis } ?? Margin(axis: axis)
  }

  /// Makes room next to the indices of an axis, so that a view can be shifted by so many steps.
  mutating func extend(_ axis: Axis, by shift: Int) {
    var margin = margin(axis)
    if shift < 0 { margin.before = -shift } else { margin.after = shift }
    if axis == axes.first {
      (before, after) = (margin.before, margin.after)
    } else {
      margins.removeAll { $0.axis == axis }
      margins.append(margin)
    }
  }
}
