internal import EbbGraph
internal import EbbTensors

/// Rearrangements and reductions of features, which lie in row-major order: with `inner` features for each index of a
/// dimension of length n, feature f is (outer, middle, inner) = (f / (n · inner), f / inner mod n, f mod inner).
extension ScalarFallback {
  /// The features for each index of a dimension: the product of the later ones.
  func inner(_ shape: Shape, _ dimension: Int) -> Int {
    (dimension + 1..<shape.rank).reduce(1) { $0 * shape[$1] }
  }

  func computeTranspose(_ i: Int, _ j: Int, _ indices: Table<Int>) {
    // Row-major (a, x, b, y, c) of the result is (a, y, b, x, c) of the operand.
    let shape = type.shape
    let (low, high) = (min(i, j), max(i, j))
    let c = inner(shape, high)
    let (x, y) = (shape[low], shape[high])
    let b = i == j ? 1 : inner(shape, low) / (y * c)
    copyFeatures(indices) { feature in
      guard i != j else { return feature }
      let (inC, inY, inB) = (feature % c, feature / c % y, feature / (c * y) % b)
      let (inX, inA) = (feature / (c * y * b) % x, feature / (c * y * b * x))
      return (((inA * y + inY) * b + inB) * x + inX) * c + inC
    }
  }

  func computeBroadcast(_ dimension: Int, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    copyFeatures(indices) { $0 / (extent * inner) * inner + $0 % inner }
  }

  func computeSlice(_ dimension: Int, start: Int, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let whole = operandTypes[0].shape[dimension]
    copyFeatures(indices) { feature in
      (feature / (extent * inner) * whole + feature / inner % extent + start) * inner + feature % inner
    }
  }

  func computePadding(_ dimension: Int, before: Int, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let part = operandTypes[0].shape[dimension]
    copyFeatures(indices) { feature in
      let middle = feature / inner % extent - before
      guard middle >= 0, middle < part else { return nil }
      return (feature / (extent * inner) * part + middle) * inner + feature % inner
    }
  }

  /// Each feature from the operand's feature given by `source`; 0 if there is none.
  @inline(__always)
  private func copyFeatures(_ indices: Table<Int>, _ source: (Int) -> Int?) {
    let (row, target) = (operands[0].row(indices), result.row(indices))
    for feature in 0..<features {
      result.store(source(feature).map { operands[0].load(row: row, $0) } ?? 0, row: target, feature)
    }
  }

  func computeConcatenation(_ dimension: Int, _ indices: Table<Int>) {
    let (inner, extent) = (inner(type.shape, dimension), type.shape[dimension])
    let target = result.row(indices)
    var start = 0
    for position in operandTypes.indices {
      let part = operandTypes[position].shape[dimension]
      let row = operands[position].row(indices)
      for outer in 0..<features / (extent * inner) {
        for feature in 0..<part * inner {
          let number = operands[position].load(row: row, outer * part * inner + feature)
          result.store(number, row: target, (outer * extent + start) * inner + feature)
        }
      }
      start += part
    }
  }

  /// A reduction along one dimension, or without one the index of the largest entry.
  func computeFeatureReduction(_ indices: Table<Int>, _ dimension: Int, _ reduction: FeatureReduction?) {
    let shape = operandTypes[0].shape
    let (inner, extent) = (inner(shape, dimension), shape[dimension])
    let (row, target) = (operands[0].row(indices), result.row(indices))
    for feature in 0..<features {
      let first = feature / inner * extent * inner + feature % inner
      func number(_ entry: Int) -> Double { operands[0].load(row: row, first + entry * inner) }
      let value =
        switch reduction {
        case .sum: (0..<extent).reduce(0) { $0 + number($1) }
        case .mean: arithmeticMean(of: extent, number)
        case .max: number(largest(of: extent, number))
        case .norm: euclideanNorm(of: extent, number)
        case nil: Double(largest(of: extent, number))
        }
      result.store(value, row: target, feature)
    }
  }

  /// The index of the largest number, the first if several are equal; a NaN counts as the largest.
  private func largest(of count: Int, _ number: (Int) -> Double) -> Int {
    var best = number(0)
    var found = 0
    for entry in 1..<max(count, 1) {
      let other = number(entry)
      if other > best || (other.isNaN && !best.isNaN) { (best, found) = (other, entry) }
    }
    return found
  }
}
