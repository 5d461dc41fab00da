internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Entries along a feature dimension at computed places, row by row. Ids that are the same for all rows are read once.
///
///     gatherFeatures:       result[k] = x[id_k], or 0 where an id is outside
///     scatterFeatures:      result[id_k] += value_k, k ascending
struct EntryTransfer {
  private let fallback: ScalarFallback
  private let isScatter: Bool
  private let ids: ScalarFallback.Reader
  private let numbers: ScalarFallback.Reader
  /// How many entries the dimension that the ids index has, and how far apart they are.
  private let entries: Int
  private let inner: Int
  /// For each id, the first of the features that it chooses from.
  private let first: Table<Int>
  private let axes: [Axis]
  private let slice: Slice?

  /// Nil if the node is neither, or an operand is a constant.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    let indexed: Shape
    let dimension: Int
    let operands = equation.operands
    if case .gatherFeatures(let along) = equation.operation {
      (isScatter, dimension, indexed) = (false, along, operands[0].type.shape)
    } else if case .scatterFeatures(let along, _) = equation.operation {
      (isScatter, dimension, indexed) = (true, along, equation.type.shape)
    } else {
      return nil
    }
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    ids = fallback.operands[isScatter ? 0 : 1]
    numbers = fallback.operands[isScatter ? 1 : 0]
    guard ids.constant == nil, numbers.constant == nil, numbers.storage == fallback.result.storage else { return nil }
    self.fallback = fallback
    self.slice = slice
    entries = indexed[dimension]
    inner = fallback.inner(indexed, dimension)
    let shape = operands[isScatter ? 0 : 1].type.shape
    let (inner, entries, extent) = (inner, entries, shape[dimension])
    first = binder.arena.table(
      (0..<shape.count).map { $0 / (extent * inner) * entries * inner + $0 % inner })
    axes = equation.type.domain.filter { $0 != sweep }
  }

  func run(_ step: Int) {
    switch numbers.storage {
    case .single: run(step, as: Float.self)
    case .double: run(step, as: Double.self)
    }
  }

  private func run<Number: FloatingPoint & BitwiseCopyable>(_ step: Int, as type: Number.Type) {
    withScratch(0, count: fallback.binder.lengths.count) { indices in
      if let sweep = fallback.sweep { indices[sweep.index] = step }
      withScratch(0, count: first.count) { chosen in
        var known: Location?
        fallback.forEach(axes, indices, slice: slice) {
          let row = ids.row(indices)
          if known.map({ row - $0 != 0 }) ?? true { choose(row, chosen) }
          known = row
          let (source, target) = (numbers.row(indices), fallback.result.row(indices))
          if isScatter {
            scatter(source, target, chosen, as: type)
          } else {
            gather(source, target, chosen, as: type)
          }
        }
      }
    }
  }

  /// The distance of each chosen feature from its row's start, in bytes; −1 for none.
  private func choose(_ row: Location, _ chosen: Table<Int>) {
    let offsets = isScatter ? fallback.result.offsets : numbers.offsets
    for index in first.indices {
      let entry = fallback.entry(ids.load(row: row, index), of: entries)
      chosen[index] = entry.map { offsets[first[index] + $0 * inner] } ?? -1
    }
  }

  @inline(__always)
  private func gather<Number: FloatingPoint & BitwiseCopyable>(
    _ source: Location, _ target: Location, _ chosen: Table<Int>, as type: Number.Type
  ) {
    for index in chosen.indices {
      let number: Number = chosen[index] < 0 ? 0 : (source + chosen[index]).load(as: type)
      (target + fallback.result.offsets[index]).store(number)
    }
  }

  @inline(__always)
  private func scatter<Number: FloatingPoint & BitwiseCopyable>(
    _ source: Location, _ target: Location, _ chosen: Table<Int>, as type: Number.Type
  ) {
    for feature in 0..<fallback.features { (target + fallback.result.offsets[feature]).store(Number.zero) }
    for index in chosen.indices where chosen[index] >= 0 {
      let place = target + chosen[index]
      place.store(place.load(as: type) + (source + numbers.offsets[index]).load(as: type))
    }
  }
}
