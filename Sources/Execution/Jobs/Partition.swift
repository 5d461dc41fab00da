internal import EbbGraph
internal import EbbPlanning

/// The partition of a run: the slices of rows that workers take through a sweep, and the strips of steps in which
/// stages follow one another.
///
/// Neither changes a bit of the results: rows of a sweep do not interact, and strips consist of whole chunks of every
/// sum.
struct Partition {
  /// For each axis, the number of steps of a strip; nil for all steps at once.
  private(set) var steps: [Int?]
  private let binder: Binder
  private let options: ExecutionOptions

  /// The minimum number of rows in a slice: a product's micro-kernel works on eight at a time.
  private static let granule = 8
  /// The minimum work of one job, in nanoseconds.
  static let grain = 10_000
  /// The maximum number of strips of an axis, so that the bound program does not grow with its length.
  private static let mostStrips = 64

  init(_ binder: Binder, _ options: ExecutionOptions) {
    self.binder = binder
    self.options = options
    let axes = binder.plan.axes
    switch binder.memory.tiling {
    case .none: steps = axes.map { $0.kind == .time ? options.strip : nil }
    case .blocks(let blocks):
      steps = axes.indices.map { $0 == blocks.order.axis.index ? blocks.steps : nil }
      return
    case .segments:
      steps = axes.map { _ in nil }
      return
    }
    guard options.strip == nil, options.threads > 1 else { return }
    let chunk = binder.plan.chunkSteps(lengths: binder.lengths)
    // If rows do not occupy the workers, one of them can run ahead of a sweep and another behind it.
    for axis in binder.plan.stages.compactMap({ $0.sweep?.axis }) where steps[axis.index] == nil {
      let length = binder.lengths[axis.index]
      var cost = Int.max
      var isNarrow = false
      for stage in binder.plan.stages where stage.sweep?.axis == axis {
        let slices = self.slices(stage, axis).count
        cost = min(cost, max(1, binder.stepCost(stage, axis) / slices))
        isNarrow = isNarrow || slices < options.threads
      }
      let strip = Self.powerOfTwo(
        notBelow: max(Self.grain / cost, length / Self.mostStrips, chunk))
      if isNarrow && strip < length { steps[axis.index] = strip }
    }
  }

  /// The slices of rows of a sweep.
  func slices(_ stage: Stage, _ axis: Axis) -> [Slice?] {
    guard let sliced = stage.sliced, options.threads > 1 else { return [nil] }
    let rows = binder.lengths[sliced.index]
    let enough = binder.stepCost(stage, axis) * binder.lengths[axis.index] / Self.grain
    // Two slices per worker, unless they become thin: then a delayed worker leaves one to another.
    let most = rows >= 4 * Self.granule * options.threads ? 2 * options.threads : options.threads
    let count = min(most, rows / Self.granule, enough)
    guard count > 1 else { return [nil] }
    let granules = (rows + Self.granule - 1) / Self.granule
    return (0..<count).map { index in
      Slice(
        axis: sliced.index, low: granules * index / count * Self.granule,
        high: min(rows, granules * (index + 1) / count * Self.granule))
    }
  }

  /// The strips of an axis in ascending order; one if it is not cut.
  func strips(_ axis: Axis) -> [Range<Int>] {
    let length = binder.lengths[axis.index]
    return Self.ranges(length, step: steps[axis.index] ?? length)
  }

  /// The parts of an axis for work of this cost, in ascending order: its strips, or enough parts for the workers.
  func parts(_ axis: Axis, cost: Int) -> [Range<Int>] {
    if steps[axis.index] != nil { return strips(axis) }
    return parts(0..<binder.lengths[axis.index], cost: cost)
  }

  /// The parts of some steps for work of this cost, in ascending order.
  func parts(_ steps: Range<Int>, cost: Int) -> [Range<Int>] {
    let count = parts(cost: cost, most: steps.count)
    return (0..<count).map { part in
      steps.lowerBound + steps.count * part / count..<steps.lowerBound + steps.count * (part + 1) / count
    }
  }

  func parts(cost: Int, most: Int) -> Int {
    guard options.threads > 1 else { return 1 }
    // Blocks are parts already.
    let enough = if case .none = binder.memory.tiling { 4 * options.threads } else { 2 * options.threads }
    return max(1, min(most, enough, cost / Self.grain))
  }

  /// The runs of steps of a sum over an axis, in ascending order: strips if they are whole chunks.
  func sumStrips(_ axis: Axis, chunk: Int) -> [Range<Int>] {
    guard let step = steps[axis.index], step % chunk == 0 else { return [0..<binder.lengths[axis.index]] }
    return strips(axis)
  }

  private static func ranges(_ length: Int, step: Int) -> [Range<Int>] {
    stride(from: 0, to: length, by: step).map { $0..<min($0 + step, length) }
  }

  private static func powerOfTwo(notBelow number: Int) -> Int {
    number <= 1 ? 1 : 1 << (Int.bitWidth - (number - 1).leadingZeroBitCount)
  }
}
