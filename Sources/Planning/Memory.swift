internal import EbbGraph

/// Where the numbers of a value lie once the lengths of the axes are known, in elements from its index 0.
///
/// With enough rows a step, panels come first: `[panel][index][row][lane]`, so that a product reads its rows side by
/// side. With few rows, each row's features lie together: `[index][row][panel][lane]`.
public struct ValueLayout: Hashable, Sendable {
  /// Elements from a panel to the next one.
  public var panelStride: Int
  /// Elements from an index to the next one, for each of the value's axes.
  public var strides: [Int]
  /// The places of the outermost axis, boundary places included.
  public var slots: Int
  /// For a ring: its number of places; 0 for a value that keeps every index.
  public var ring: Int
  /// The number of elements, and where index 0 lies in them.
  public var count: Int
  public var origin: Int

  /// With fewer rows than this in a step, each row's features lie together.
  public static let fewRows = 8

  /// - Parameter window: For a value that lives in a window, its steps.
  init(_ value: Value, _ graph: Graph, _ lengths: [Int], window: Int?) {
    let lanes = value.storage.lanes
    let panels = value.features.panels(lanes)
    guard let first = value.axes.first else {
      panelStride = lanes
      strides = []
      (slots, ring, origin) = (1, 0, 0)
      count = value.isPadded ? panels * lanes : value.features.count
      return
    }
    let inner = value.axes.dropFirst().map { lengths[$0.index] }
    let rows = inner.reduce(1, *)
    switch value.lifetime {
    case .whole:
      slots = value.before + (window ?? lengths[first.index]) + value.after
      ring = 0
    case .ring(let steps):
      slots = steps
      ring = steps
    }
    let stepRows = value.axes.reduce(1) { graph.description(of: $1).kind == .batch ? $0 * lengths[$1.index] : $0 }
    let rowStride: Int
    if value.features.isScalar && !value.isPadded {
      rowStride = 1
      panelStride = 0
      count = slots * rows
    } else if stepRows < Self.fewRows {
      rowStride = panels * lanes
      panelStride = lanes
      count = slots * rows * panels * lanes
    } else {
      rowStride = lanes
      // One row more, so that panels do not all fall into the same cache sets.
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
    origin = ring == 0 ? value.before * stride : 0
  }
}

/// A plan's memory for given lengths: where each value lies in one arena, values that are never needed together in the
/// same place, and how large the arena is.
public struct MemoryPlan: Sendable {
  public let layouts: [ValueLayout]
  /// In bytes from the arena's beginning, for each value.
  public let offsets: [Int]
  /// In bytes from the arena's beginning, for each packed weight matrix.
  public let weightOffsets: [Int]
  /// The window in which values live that are computed again; nil if all are kept.
  public let window: Window?
  /// With a window, the values that cross from one to the next, and which of their bytes do.
  public let carried: [Int: CarriedRuns]
  /// Where the snapshots lie, and how many bytes each takes.
  public let snapshotOffset: Int
  public let snapshotBytes: Int
  /// The arena's size in bytes: the predicted peak.
  public let bytes: Int
  /// For each value and then each packed weight matrix, the others that lie in the same place at another time.
  public let shared: [[Int]]

  /// Everything begins at a multiple of a panel's bytes, so that the widest vectors are aligned.
  static let alignment = 128

  public init(_ plan: Plan, lengths: [Int], window: Window? = nil) {
    let layouts = plan.values.indices.map { index in
      let steps = window.flatMap { $0.streaming.isStreamed[index] ? $0.steps : nil }
      return ValueLayout(plan.values[index], plan.graph, lengths, window: steps)
    }
    let ranges = plan.liveRanges(streaming: window?.streaming)
    func size(_ value: Int) -> Int { Self.size(plan.values[value], layouts[value]) }
    var offsets = Array(repeating: 0, count: plan.values.count)
    var placed: [(low: Int, high: Int, first: Int, last: Int)] = []
    var end = 0
    // Largest first, each at the lowest place where nothing that lives at the same time lies.
    let order = plan.values.indices.sorted { (size($0), $1) > (size($1), $0) }
    for value in order {
      let bytes = size(value)
      let range = ranges[value]
      var candidate = 0
      for other in placed where other.first <= range.upperBound && range.lowerBound <= other.last {
        if other.low < candidate + bytes && candidate < other.high { candidate = other.high }
      }
      offsets[value] = candidate
      let entry = (low: candidate, high: candidate + bytes, first: range.lowerBound, last: range.upperBound)
      placed.insert(entry, at: placed.firstIndex { $0.low > candidate } ?? placed.count)
      end = max(end, candidate + bytes)
    }
    var weightOffsets: [Int] = []
    for weights in plan.weights {
      weightOffsets.append(end)
      let bytes = weights.rows * weights.columns.panels(weights.storage.lanes) * 128
      end += bytes
    }
    var carried: [Int: CarriedRuns] = [:]
    for (index, value) in plan.values.enumerated() where value.before + value.after > 0 {
      guard let window, window.streaming.isPinned[index], value.axes.first == window.streaming.axis else { continue }
      carried[index] = CarriedRuns(value, layouts[index])
    }
    snapshotOffset = end
    snapshotBytes = window.map { window in window.streaming.carried.reduce(0) { $0 + carried[$1]!.bytes } } ?? 0
    end += snapshotBytes * (window?.snapshots ?? 0)
    var shared = Array(repeating: [Int](), count: plan.values.count + plan.weights.count)
    let byPlace = plan.values.indices.sorted { offsets[$0] < offsets[$1] }
    for (position, value) in byPlace.enumerated() {
      for other in byPlace[(position + 1)...] {
        if offsets[other] >= offsets[value] + size(value) { break }
        shared[value].append(other)
        shared[other].append(value)
      }
    }
    self.window = window
    self.carried = carried
    self.shared = shared
    self.layouts = layouts
    self.offsets = offsets
    self.weightOffsets = weightOffsets
    self.bytes = end
  }

  /// The bytes of those values that fit a description, padding included.
  public func bytes(of plan: Plan, where fits: (Int) -> Bool) -> Int {
    plan.values.indices.filter(fits).reduce(0) { $0 + Self.size(plan.values[$1], layouts[$1]) }
  }

  private static func size(_ value: Value, _ layout: ValueLayout) -> Int {
    // Kernels may touch the padding lanes behind a dense vector.
    let bytes = layout.count * value.storage.bytes + alignment
    return (bytes + alignment - 1) / alignment * alignment
  }
}

extension Plan {
  /// How many levels a value outlives its last reader: the stages of neighbouring levels follow one another segment by
  /// segment, so what one reads last must not lie where the next ones write first.
  private static let grace = 1

  /// The first and the last level that touch each value; what the user gives or asks for stays throughout. Stages of one
  /// level may run side by side, so their values never share memory.
  ///
  /// - Parameter streaming: With windows, each turn of time runs through its levels; what is pinned stays throughout.
  func liveRanges(streaming: Streaming?) -> [ClosedRange<Int>] {
    let levels = (stages.map(\.level).max() ?? 0) + 1
    var ranges: [ClosedRange<Int>?] = Array(repeating: nil, count: values.count)
    for stage in stages {
      for instruction in stage.prologue + stage.instructions {
        let turn = streaming == nil ? 0 : min(2, turn(of: instruction, in: stage))
        let level = turn * levels + stage.level
        for access in accesses(of: instruction) {
          guard case .value(let value) = access.place else { continue }
          let known = ranges[value] ?? level...level
          ranges[value] = min(known.lowerBound, level)...max(known.upperBound, level)
        }
      }
    }
    let always = 0...3 * levels
    for value in givenValues { ranges[value] = always }
    for output in graph.outputs {
      guard let value = views[output.node]?.value else { continue }
      let first = ranges[value]?.lowerBound ?? 0
      ranges[value] = first...always.upperBound
    }
    return ranges.indices.map { value in
      guard let range = ranges[value], !(streaming?.isPinned[value] ?? false) else { return always }
      return range.lowerBound...range.upperBound + Self.grace
    }
  }
}
