internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Table lookups and their adjoints, row by row instead of one number at a time as in the scalar fallback.
///
///     gather:      result[i] = table[id_i]
///     one-hot:     result[i] = value_i at id_i, else 0
///     scatter:     table[id_i] += value_i, i ascending
struct RowTransfer {
  private enum Kind {
    case gather, oneHot, scatter
  }

  private let kind: Kind
  private let fallback: ScalarFallback
  private let ids: ScalarFallback.Reader
  /// The rows that are read or written, at the indices of `axes`.
  private let rows: ScalarFallback.Reader
  private let table: Location
  private let tableRows: Int
  private let width: Int
  private let storage: StorageType
  /// Runs of features that are contiguous in a row: (first feature, count).
  private let runs: [(feature: Int, count: Int)]
  private let axes: [Axis]
  private let slice: Slice?

  /// Nil if the node is not one of the three, or its layout does not allow moving whole rows.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    let result = binder.operand(equation.result)
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    func isConstant(_ position: Int) -> Bool { fallback.operands[position].constant != nil }
    func operand(_ position: Int) -> Binder.Operand? {
      equation.operands[position].source.view.map { binder.operand($0) }
    }
    let moved: Binder.Operand
    if equation.operation == .gather {
      guard let source = operand(0), !isConstant(1), source.isDense, !result.isDense, source.storage == result.storage
      else { return nil }
      (kind, moved, table) = (.gather, result, source.address.base)
      (ids, rows) = (fallback.operands[1], fallback.result)
      tableRows = fallback.operandTypes[0].shape[0]
      width = fallback.type.shape.count
      axes = fallback.type.domain.filter { $0 != sweep }
    } else if case .scatterAdd(let count, let over) = equation.operation, over.isEmpty {
      guard !isConstant(0), fallback.type.shape.count == count, !result.isDense, !result.features.isScalar else {
        return nil
      }
      (kind, moved, table) = (.oneHot, result, result.address.base)
      (ids, rows) = (fallback.operands[0], fallback.result)
      tableRows = count
      width = count
      axes = fallback.type.domain.filter { $0 != sweep }
    } else if case .scatterAdd(let count, let over) = equation.operation {
      guard sweep == nil, fallback.type.domain.isEmpty, !isConstant(0), result.isDense,
        fallback.operands[1].storage == result.storage, let source = operand(1), !source.isDense, !source.isRepeated
      else { return nil }
      (kind, moved, table) = (.scatter, source, result.address.base)
      (ids, rows) = (fallback.operands[0], fallback.operands[1])
      tableRows = count
      width = fallback.type.shape.count / count
      axes = Array(over)
    } else {
      return nil
    }
    guard !moved.isRepeated else { return nil }
    self.fallback = fallback
    self.slice = slice
    storage = result.storage
    let bytes = storage.bytes
    var runs: [(feature: Int, count: Int)] = []
    for feature in 0..<width {
      if feature > 0, rows.offsets[feature] == rows.offsets[feature - 1] + bytes {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((feature, 1))
      }
    }
    self.runs = runs
  }

  func run(_ step: Int) {
    let count = fallback.binder.lengths.count
    if kind == .scatter {
      table.clear(tableRows * width * storage.bytes)
    }
    withScratch(0, count: count) { indices in
      if let sweep = fallback.sweep { indices[sweep.index] = step }
      fallback.forEach(axes, indices, slice: slice) {
        // Numbers outside a ragged axis are not ids.
        let number = fallback.inside.contains(indices) ? ids.load(indices, 0) : -1
        move(number >= 0 && number < Double(tableRows) ? Int(number) : nil, indices)
      }
    }
  }

  private func move(_ id: Int?, _ indices: Table<Int>) {
    let bytes = storage.bytes
    let row = rows.row(indices)
    switch kind {
    case .gather:
      for run in runs {
        let place = row + rows.offsets[run.feature]
        guard let id else {
          place.clear(run.count * bytes)
          continue
        }
        place.copy(run.count * bytes, from: table + (id * width + run.feature) * bytes)
      }
    case .oneHot:
      for run in runs {
        (row + rows.offsets[run.feature]).clear(run.count * bytes)
      }
      if let id { rows.store(fallback.operands[1].load(indices, 0), indices, id) }
    case .scatter:
      guard let id else { return }
      for run in runs {
        let target = table + (id * width + run.feature) * bytes
        switch storage {
        case .single: target.add(run.count, from: row + rows.offsets[run.feature], as: Float.self)
        case .double: target.add(run.count, from: row + rows.offsets[run.feature], as: Double.self)
        }
      }
    }
  }
}
