internal import EbbGraph
internal import EbbTensors

/// Operations on the lines of entries along a feature dimension, and on whole matrices.
extension ScalarFallback {
  /// Calls `body` with the first feature of each line of a shape, whose entries are `inner` features apart.
  @inline(__always)
  private func forEachLine(_ shape: Shape, _ dimension: Int, _ body: (_ first: Int) -> Void) {
    let (inner, extent) = (inner(shape, dimension), shape[dimension])
    for outer in 0..<shape.count / (extent * inner) {
      for place in 0..<inner { body(outer * extent * inner + place) }
    }
  }

  /// The indices of a line's entries in their order; equal ones keep theirs, and a NaN counts as the largest.
  func computeOrder(_ dimension: Int, _ isDescending: Bool, _ work: Workspace) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let (row, target, keys) = (operands[0].row(work.indices), result.row(work.indices), work.totals)
    var order = Array(0..<extent)
    forEachLine(type.shape, dimension) { first in
      for entry in 0..<extent { keys[entry] = operands[0].load(row: row, first + entry * inner) }
      for entry in 0..<extent { order[entry] = entry }
      order.sort { i, j in
        let (x, y) = isDescending ? (keys[j], keys[i]) : (keys[i], keys[j])
        if x < y || !x.isNaN && y.isNaN { return true }
        let isGreater = y < x || !y.isNaN && x.isNaN
        return !isGreater && i < j
      }
      for entry in 0..<extent { result.store(Double(order[entry]), row: target, first + entry * inner) }
    }
  }

  /// The entries at the indices; 0 where an index is outside.
  func computeFeatureGather(_ dimension: Int, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let whole = operandTypes[0].shape[dimension]
    let (row, places) = (operands[0].row(indices), operands[1].row(indices))
    fill(indices) { feature in
      guard let entry = entry(operands[1].load(row: places, feature), of: whole) else { return 0 }
      return operands[0].load(row: row, (feature / (extent * inner) * whole + entry) * inner + feature % inner)
    }
  }

  /// At each index the sum of its values, in ascending order.
  func computeFeatureScatter(_ dimension: Int, _ work: Workspace) {
    let shape = operandTypes[1].shape
    let (inner, extent, count) = (inner(shape, dimension), shape[dimension], type.shape[dimension])
    let (places, row, totals) = (operands[0].row(work.indices), operands[1].row(work.indices), work.totals)
    totals.fill(0)
    for feature in 0..<shape.count {
      guard let entry = entry(operands[0].load(row: places, feature), of: count) else { continue }
      totals[(feature / (extent * inner) * count + entry) * inner + feature % inner] +=
        operands[1].load(row: row, feature)
    }
    fill(work.indices) { totals[$0] }
  }

  /// yᵢ = aᵢ yᵢ₋₁ + bᵢ from the first entry, or from the last one.
  func computeAccumulation(_ dimension: Int, _ isReversed: Bool, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let (factors, terms, target) = (operands[0].row(indices), operands[1].row(indices), result.row(indices))
    let isScalar = operandTypes[0].shape == .scalar
    forEachLine(type.shape, dimension) { first in
      var sum = 0.0
      for step in 0..<extent {
        let feature = first + (isReversed ? extent - 1 - step : step) * inner
        let term = operands[1].load(row: terms, feature)
        sum = step == 0 ? term : operands[0].load(row: factors, isScalar ? 0 : feature) * sum + term
        result.store(sum, row: target, feature)
      }
    }
  }

  func computeMatrix(_ function: MatrixFunction, _ indices: Table<Int>) {
    let values = function(
      operandTypes.indices.map { position in
        let row = operands[position].row(indices)
        let shape = operandTypes[position].shape
        return ((0..<shape.count).map { operands[position].load(row: row, $0) }, shape[0])
      })
    fill(indices) { values[$0] }
  }
}
