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

  /// Which indices of the outermost axis a value holds at a time, if it keeps them all.
  enum Held {
    case all
    /// Those of one window after another.
    case window(Int)
    /// The last ones; a power of two.
    case ring(Int)
  }

  init(_ value: Value, _ graph: Graph, _ lengths: [Int], held: Held) {
    let lanes = value.storage.lanes
    let panels = value.features.panels(lanes)
    guard let first = value.axes.first else {
      panelStride = lanes
      strides = []
      (slots, ring, origin) = (1, 0, 0)
      count = value.isPadded ? panels * lanes : value.features.count * (value.isSum ? 2 : 1)
      return
    }
    let inner = value.axes.dropFirst().map { lengths[$0.index] }
    let rows = inner.reduce(1, *)
    switch (value.lifetime, held) {
    case (.whole, .all): (slots, ring) = (value.before + lengths[first.index] + value.after, 0)
    case (.whole, .window(let steps)): (slots, ring) = (value.before + steps + value.after, 0)
    case (.whole, .ring(let steps)), (.ring(let steps), _): (slots, ring) = (steps, steps)
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
  /// The parts in which a run goes through its steps.
  public let tiling: TimeTiling
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

  /// Computes nothing twice; in blocks where they are worth it.
  public init(_ plan: Plan, lengths: [Int]) {
    self.init(plan, lengths: lengths, tiling: TimeBlocks(plan, lengths: lengths).map { .blocks($0) } ?? .none)
  }

  package init(_ plan: Plan, lengths: [Int], tiling: TimeTiling) {
    let layouts = plan.values.indices.map { index in
      ValueLayout(plan.values[index], plan.graph, lengths, held: tiling.held(index))
    }
    let window = tiling.window
    let ranges = plan.liveRanges(tiling)
    func size(_ value: Int) -> Int { Self.size(plan.values[value], layouts[value]) }
    var offsets = Array(repeating: 0, count: plan.values.count)
    var places = FirstFit(moments: (ranges.map(\.upperBound).max() ?? 0) + 1)
    var end = 0
    // Largest first, each at the lowest place where nothing that lives at the same time lies.
    let order = plan.values.indices.sorted { (size($0), $1) > (size($1), $0) }
    for value in order {
      offsets[value] = places.place(size(value), during: ranges[value])
      end = max(end, offsets[value] + size(value))
    }
    var weightOffsets: [Int] = []
    for weights in plan.weights {
      weightOffsets.append(end)
      let bytes = weights.rows * weights.columns.panels(weights.storage.lanes) * 128
      end += bytes
    }
    var carried: [Int: CarriedRuns] = [:]
    for (index, value) in plan.values.enumerated() where value.before + value.after > 0 {
      guard let window, window.streaming.isPinned[index], value.axes.first == window.streaming.order.axis
      else { continue }
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
    self.tiling = tiling
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

  /// The first and the last moment at which each value is touched; what the user gives or asks for stays throughout.
  ///
  /// A moment is the level of a stage: stages of one level may run side by side, so their values never share memory.
  /// Where time is cut, every turn has moments of its own. Blocks of a turn follow each other closely, so that all that
  /// runs for its blocks is one moment; in a window, stages keep their levels.
  func liveRanges(_ tiling: TimeTiling) -> [ClosedRange<Int>] {
    let levels = (stages.map(\.level).max() ?? 0) + 1
    var ranges: [ClosedRange<Int>?] = Array(repeating: nil, count: values.count)
    var last = 0
    func touch(_ instructions: [Instruction], at moment: Int) {
      last = max(last, moment)
      for instruction in instructions {
        for access in accesses(of: instruction) {
          guard case .value(let value) = access.place else { continue }
          let known = ranges[value] ?? moment...moment
          ranges[value] = min(known.lowerBound, moment)...max(known.upperBound, moment)
        }
      }
    }
    func follow(_ order: TimeOrder, isInBlocks: Bool) {
      for (turn, pieces) in order.turns.enumerated() {
        let first = 2 * levels * turn
        for piece in pieces.once { touch(piece.instructions, at: first + stages[piece.stage].level) }
        for piece in pieces.parts {
          touch(piece.instructions, at: first + levels + (isInBlocks ? 0 : stages[piece.stage].level))
        }
      }
      for piece in order.rest {
        touch(piece.instructions, at: 2 * levels * order.turns.count + stages[piece.stage].level)
      }
    }
    var isPinned = Array(repeating: false, count: values.count)
    switch tiling {
    case .none: for stage in stages { touch(stage.prologue + stage.instructions, at: stage.level) }
    case .blocks(let blocks): follow(blocks.order, isInBlocks: true)
    case .windows(let window):
      follow(window.streaming.order, isInBlocks: false)
      isPinned = window.streaming.isPinned
    }
    let always = 0...last + Self.grace
    for value in givenValues { ranges[value] = always }
    for output in graph.outputs {
      guard let value = views[output.node]?.value else { continue }
      ranges[value] = (ranges[value]?.lowerBound ?? 0)...always.upperBound
    }
    return ranges.indices.map { value in
      guard let range = ranges[value], !isPinned[value] else { return always }
      return range.lowerBound...range.upperBound + Self.grace
    }
  }
}
