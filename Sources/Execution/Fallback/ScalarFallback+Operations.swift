internal import EbbGraph
internal import EbbTensors

/// The computation of each operation at one index of its domain.
extension ScalarFallback {
  /// Memory for one run.
  struct Workspace: BitwiseCopyable {
    /// The indices of the result, for each axis of the graph.
    var indices: Table<Int>
    /// The indices of operands.
    var scratch: Table<Int>
    /// A number for each feature of the result.
    var totals: Table<Double>

    func copyIndices() { for axis in indices.indices { scratch[axis] = indices[axis] } }
  }

  /// All features of the result at the indices of `work`.
  func compute(_ work: Workspace) {
    let indices = work.indices
    switch operation {
    case .parameter, .input, .unary, .binary, .compare, .select:
      preconditionFailure("\(operation.keyword) is not evaluated one number at a time")
    case .constant(let number):
      fill(indices) { _ in number }
    case .literal(let literal):
      let numbers = literal.numbers
      fill(indices) { numbers[$0] }
    case .axisIndex(let axis):
      result.store(Double(indices[axis.index]), indices, 0)
    case .axisLength(let axis):
      result.store(Double(length(axis, indices)), indices, 0)
    case .iota:
      fill(indices) { Double($0) }
    case .random(let distribution, let stream):
      let draw = binder.draw.value
      let random = RandomStream(seed: draw.seed, run: draw.run, stream: UInt64(stream))
      var position = SIMD3<UInt32>.zero
      for (place, axis) in type.domain.enumerated() {
        // A sample has its number in the whole batch, so that its random numbers are the same in any part of it.
        let first = binder.sampleAxes.contains(axis) ? draw.firstSample : 0
        position[place] = UInt32(indices[axis.index]) + first
      }
      fill(indices) { random.value(distribution, at: position, element: UInt32($0)) }
    case .convert(let element):
      fillFromOperand(indices) { converted($0, element) }
    case .reshape, .spread, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      fillFromOperand(indices) { $0 }
    case .product(let contraction, _):
      computeProduct(contraction, work)
    case .transpose(let i, let j):
      computeTranspose(i, j, indices)
    case .broadcast(let dimension, _):
      computeBroadcast(dimension, indices)
    case .slice(let dimension, let start, _):
      computeSlice(dimension, start: start, indices)
    case .pad(let dimension, let before, _):
      computePadding(dimension, before: before, indices)
    case .concatenate(let dimension):
      computeConcatenation(dimension, indices)
    case .gather:
      let table = operands[0].row(indices)
      let row = entry(operands[1].load(indices, 0), of: operandTypes[0].shape[0])
      fill(indices) { feature in row.map { operands[0].load(row: table, $0 * features + feature) } ?? 0 }
    case .scatterAdd(let rows, _):
      computeScatter(rows, work)
    case .reduceFeatures(let reduction, let dimension):
      computeFeatureReduction(indices, dimension, reduction)
    case .argmaxFeatures(let dimension):
      computeFeatureReduction(indices, dimension, nil)
    case .argsortFeatures(let dimension, let isDescending):
      computeOrder(dimension, isDescending, work)
    case .gatherFeatures(let dimension):
      computeFeatureGather(dimension, indices)
    case .scatterFeatures(let dimension, _):
      computeFeatureScatter(dimension, work)
    case .accumulate(let dimension, let isReversed):
      computeAccumulation(dimension, isReversed, indices)
    case .matrix(let function):
      computeMatrix(function, indices)
    case .reduceAxes(let reduction, _):
      computeAxisReduction(reduction, work)
    case .argmaxAxis(let axis):
      computeLargestIndex(axis, work)
    case .pick(let axis, let position):
      let index = place(axis, position, indices)
      work.copyIndices()
      work.scratch[axis.index] = index ?? 0
      let isThere = index != nil && insideOperand.contains(work.scratch)
      let row = operands[0].row(work.scratch)
      fill(indices) { isThere ? operands[0].load(row: row, $0) : 0 }
    case .place(let axis, let position):
      let isHere = place(axis, position, indices) == indices[axis.index]
      fillFromOperand(indices) { isHere ? $0 : 0 }
    case .axisToFeature(let axis):
      let rest = features / type.shape[0]
      work.copyIndices()
      fill(indices) { feature in
        work.scratch[axis.index] = feature / rest
        return insideOperand.contains(work.scratch) ? operands[0].load(work.scratch, feature % rest) : 0
      }
    case .featureToAxis(let axis):
      let row = operands[0].row(indices)
      let first = indices[axis.index] * features
      fill(indices) { operands[0].load(row: row, first + $0) }
    case .delay, .advance:
      preconditionFailure("a shift is a view")
    case .history(let time, let along, let isBackward):
      let (now, then) = (indices[time.index], indices[along.index])
      work.copyIndices()
      work.scratch[time.index] = then
      let isThere = then < length(time, indices) && (isBackward ? then >= now : then <= now)
      let row = operands[0].row(work.scratch)
      fill(indices) { isThere ? operands[0].load(row: row, $0) : 0 }
    case .historySum(let time, let along, let isBackward):
      let now = indices[time.index]
      work.copyIndices()
      work.scratch[along.index] = now
      fill(indices) { feature in
        var sum = 0.0
        for step in isBackward ? 0..<now + 1 : now..<max(now, length(time, indices)) {
          work.scratch[time.index] = step
          sum += operands[0].load(work.scratch, feature)
        }
        return sum
      }
    }
  }

  @inline(__always)
  func fill(_ indices: Table<Int>, _ number: (Int) -> Double) {
    let target = result.row(indices)
    for feature in 0..<features { result.store(number(feature), row: target, feature) }
  }

  /// Each feature from the same one of the first operand.
  @inline(__always)
  private func fillFromOperand(_ indices: Table<Int>, _ number: (Double) -> Double) {
    let row = operands[0].row(indices)
    fill(indices) { number(operands[0].load(row: row, $0)) }
  }

  private func converted(_ number: Double, _ element: ElementType) -> Double {
    switch element {
    case .float32: Double(Float(number))
    case .float64: number
    case .int32: NumberConversion.integer(number)
    case .bool: number != 0 ? 1 : 0
    }
  }

  /// The index along the axis for `pick` and `place`; nil if it is outside.
  func place(_ axis: Axis, _ position: Position, _ indices: Table<Int>) -> Int? {
    let length = length(axis, indices)
    switch position {
    case .first: return 0
    case .last: return length - 1
    case .at:
      return entry(operands[1].load(indices, 0), of: length)
    }
  }

  /// An index among `count` entries; nil if it is not valid (or outside a ragged axis).
  func entry(_ number: Double, of count: Int) -> Int? {
    number >= 0 && number < Double(count) ? Int(number) : nil
  }

  // MARK: Axes

  private func computeAxisReduction(_ reduction: AxisReduction, _ work: Workspace) {
    let (scratch, totals) = (work.scratch, work.totals)
    work.copyIndices()
    switch reduction {
    case .sum:
      totals.fill(0)
      over.forEach(scratch) {
        guard inside.contains(scratch) else { return }
        let row = operands[0].row(scratch)
        for feature in 0..<features { totals[feature] += operands[0].load(row: row, feature) }
      }
    case .max:
      totals.fill(-.infinity)
      over.forEach(scratch) {
        guard inside.contains(scratch) else { return }
        let row = operands[0].row(scratch)
        for feature in 0..<features {
          let number = operands[0].load(row: row, feature)
          if number > totals[feature] || number.isNaN { totals[feature] = number }
        }
      }
    }
    fill(work.indices) { totals[$0] }
  }

  private func computeLargestIndex(_ axis: Axis, _ work: Workspace) {
    let scratch = work.scratch
    work.copyIndices()
    fill(work.indices) { feature in
      var best: Double?
      var found = 0
      over.forEach(scratch) {
        guard inside.contains(scratch) else { return }
        let number = operands[0].load(scratch, feature)
        if best.map({ number > $0 || number.isNaN && !$0.isNaN }) ?? true {
          (best, found) = (number, scratch[axis.index])
        }
      }
      return Double(found)
    }
  }

  /// Σ over the axes and the contracted features, the features innermost, both ascending.
  private func computeProduct(_ contraction: Contraction, _ work: Workspace) {
    let (left, right) = (operandTypes[0].shape, operandTypes[1].shape)
    // (i, j): the remaining features; (p, q): the distance of contracted entries.
    let depth: Int
    let (leftStep, rightStep): (Int, Int)
    let (columns, leftStride, rightStride): (Int, Int, Int)
    switch contraction {
    case .outer:
      (depth, leftStep, rightStep) = (1, 0, 0)
      (columns, leftStride, rightStride) = (right.count, 1, 1)
    case .dimensions(let i, let j):
      depth = left[i]
      leftStep = i == left.rank - 1 ? 1 : left[1]
      rightStep = j == right.rank - 1 ? 1 : right[1]
      leftStride = left.rank == 2 ? (i == 0 ? 1 : left[1]) : 0
      rightStride = right.rank == 2 ? (j == 0 ? 1 : right[1]) : 0
      columns = right.count / depth
    }
    let (scratch, totals) = (work.scratch, work.totals)
    work.copyIndices()
    totals.fill(0)
    over.forEach(scratch) {
      guard inside.contains(scratch) else { return }
      let (leftRow, rightRow) = (operands[0].row(scratch), operands[1].row(scratch))
      for row in 0..<features / columns {
        for column in 0..<columns {
          var total = totals[row * columns + column]
          for k in 0..<depth {
            let a = operands[0].load(row: leftRow, row * leftStride + k * leftStep)
            let b = operands[1].load(row: rightRow, column * rightStride + k * rightStep)
            total.addProduct(a, b)
          }
          totals[row * columns + column] = total
        }
      }
    }
    fill(work.indices) { totals[$0] }
  }

  private func computeScatter(_ rows: Int, _ work: Workspace) {
    let width = features / rows
    let (scratch, totals) = (work.scratch, work.totals)
    work.copyIndices()
    totals.fill(0)
    over.forEach(scratch) {
      guard inside.contains(scratch) else { return }
      guard let row = entry(operands[0].load(scratch, 0), of: rows) else { return }
      let source = operands[1].row(scratch)
      for feature in 0..<width { totals[row * width + feature] += operands[1].load(row: source, feature) }
    }
    fill(work.indices) { totals[$0] }
  }
}
