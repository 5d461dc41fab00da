internal import EbbGraph
internal import EbbTensors

/// What each operation computes at one index of its domain.
extension Evaluator {
  /// All features of the result at `indices`; `scratch` holds the indices of operands.
  func compute(_ indices: UnsafeMutablePointer<Int>, _ scratch: UnsafeMutablePointer<Int>) {
    let count = type.shape.count
    func operand(_ position: Int, _ feature: Int) -> Double { operands[position].load(indices, feature) }
    func store(_ number: Double, _ feature: Int) { result.store(number, indices, feature) }
    switch operation {
    case .parameter, .input, .unary, .binary, .compare, .select:
      preconditionFailure("\(operation.keyword) is not evaluated one number at a time")
    case .constant(let number):
      for feature in 0..<count { store(number, feature) }
    case .axisIndex(let axis):
      store(Double(indices[axis.index]), 0)
    case .axisLength(let axis):
      store(Double(length(axis, indices)), 0)
    case .iota:
      for feature in 0..<count { store(Double(feature), feature) }
    case .random(let distribution, let stream):
      let random = RandomStream(seed: binder.draw.pointee[0], run: binder.draw.pointee[1], stream: UInt64(stream))
      var position = SIMD3<UInt32>.zero
      for (place, axis) in type.domain.enumerated() { position[place] = UInt32(indices[axis.index]) }
      for feature in 0..<count { store(random.value(distribution, at: position, element: UInt32(feature)), feature) }
    case .convert(let element):
      for feature in 0..<count { store(converted(operand(0, feature), element), feature) }
    case .reshape, .spread, .stopGradient, .clipGradient:
      for feature in 0..<count { store(operand(0, feature), feature) }
    case .product(let contraction, let over):
      computeProduct(contraction, over, indices, scratch)
    case .transpose, .broadcast, .slice, .pad:
      for feature in 0..<count { store(source(of: feature).map { operand(0, $0) } ?? 0, feature) }
    case .concatenate(let dimension):
      for feature in 0..<count {
        var index = multiIndex(feature, type.shape)
        var position = 0
        while index[dimension] >= operandTypes[position].shape[dimension] {
          index[dimension] -= operandTypes[position].shape[dimension]
          position += 1
        }
        store(operand(position, flat(index, operandTypes[position].shape)), feature)
      }
    case .gather:
      let row = entry(operand(1, 0), of: operandTypes[0].shape[0])
      for feature in 0..<count { store(row.map { operand(0, $0 * count + feature) } ?? 0, feature) }
    case .scatterAdd(let rows, let over):
      computeScatter(rows, over, indices, scratch)
    case .reduceFeatures(let reduction, let dimension):
      computeFeatureReduction(indices, dimension, reduction)
    case .argmaxFeatures(let dimension):
      computeFeatureReduction(indices, dimension, nil)
    case .reduceAxes(let reduction, let over):
      computeAxisReduction(reduction, over, indices, scratch)
    case .argmaxAxis(let axis):
      for feature in 0..<count {
        var best: Double?
        var found = 0
        copy(indices, scratch)
        for index in 0..<binder.lengths[axis.index] {
          scratch[axis.index] = index
          guard isInside(type.domain.inserting(axis), scratch) else { continue }
          let number = operands[0].load(scratch, feature)
          if best.map({ number > $0 || number.isNaN && !$0.isNaN }) ?? true { (best, found) = (number, index) }
        }
        store(Double(found), feature)
      }
    case .pick(let axis, let position):
      copy(indices, scratch)
      let index = place(axis, position, indices)
      scratch[axis.index] = index ?? 0
      for feature in 0..<count { store(index == nil ? 0 : loadOrZero(0, scratch, feature), feature) }
    case .place(let axis, let position):
      let isHere = place(axis, position, indices) == indices[axis.index]
      for feature in 0..<count { store(isHere ? operand(0, feature) : 0, feature) }
    case .axisToFeature(let axis):
      let rest = count / type.shape[0]
      copy(indices, scratch)
      for feature in 0..<count {
        scratch[axis.index] = feature / rest
        store(loadOrZero(0, scratch, feature % rest), feature)
      }
    case .featureToAxis(let axis):
      for feature in 0..<count { store(operand(0, indices[axis.index] * count + feature), feature) }
    case .delay, .advance:
      preconditionFailure("a carrier is a view")
    }
  }

  private func copy(_ indices: UnsafeMutablePointer<Int>, _ scratch: UnsafeMutablePointer<Int>) {
    for axis in binder.lengths.indices { scratch[axis] = indices[axis] }
  }

  private func converted(_ number: Double, _ element: ElementType) -> Double {
    switch element {
    case .float32: Double(Float(number))
    case .float64: number
    case .int32: number.isNaN ? 0 : min(max(number.rounded(.towardZero), -0x1p31), 0x1p31 - 1)
    case .bool: number != 0 ? 1 : 0
    }
  }

  /// The index along the axis that `pick` and `place` mean; nil if it lies outside.
  private func place(_ axis: Axis, _ position: Position, _ indices: UnsafePointer<Int>) -> Int? {
    let length = length(axis, indices)
    switch position {
    case .first: return 0
    case .last: return length - 1
    case .at:
      return entry(operands[1].load(indices, 0), of: length)
    }
  }

  /// An index among `count` entries; nil if it is none of them (or what lies outside a ragged axis).
  private func entry(_ number: Double, of count: Int) -> Int? {
    number >= 0 && number < Double(count) ? Int(number) : nil
  }

  // MARK: Features

  private func multiIndex(_ feature: Int, _ shape: Shape) -> [Int] {
    var rest = feature
    return (0..<shape.rank).reversed().map { dimension in
      defer { rest /= shape[dimension] }
      return rest % shape[dimension]
    }.reversed()
  }

  private func flat(_ index: [Int], _ shape: Shape) -> Int {
    (0..<shape.rank).reduce(0) { $0 * shape[$1] + index[$1] }
  }

  /// The operand's feature that lands in this feature of a rearrangement; nil for padding.
  private func source(of feature: Int) -> Int? {
    var index = multiIndex(feature, type.shape)
    switch operation {
    case .transpose(let i, let j):
      index.swapAt(i, j)
    case .broadcast(let dimension, _):
      index.remove(at: dimension)
    case .slice(let dimension, let start, _):
      index[dimension] += start
    case .pad(let dimension, let before, _):
      index[dimension] -= before
      guard index[dimension] >= 0, index[dimension] < operandTypes[0].shape[dimension] else { return nil }
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .reshape, .concatenate, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes,
      .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient,
      .clipGradient:
      preconditionFailure("\(operation.keyword) rearranges nothing")
    }
    return flat(index, operandTypes[0].shape)
  }

  /// A reduction along one dimension, or without one the index of the largest entry.
  private func computeFeatureReduction(_ indices: UnsafePointer<Int>, _ dimension: Int, _ reduction: Reduction?) {
    let shape = operandTypes[0].shape
    for feature in 0..<type.shape.count {
      var index = multiIndex(feature, type.shape)
      index.insert(0, at: dimension)
      var total = 0.0
      var best = -Double.infinity
      var found = 0
      for entry in 0..<shape[dimension] {
        index[dimension] = entry
        let number = operands[0].load(indices, flat(index, shape))
        total += number
        if entry == 0 || number > best || (number.isNaN && !best.isNaN) { (best, found) = (number, entry) }
      }
      let value =
        switch reduction {
        case .sum: total
        case .max: best
        case nil: Double(found)
        }
      result.store(value, indices, feature)
    }
  }

  // MARK: Axes

  private func computeAxisReduction(
    _ reduction: Reduction, _ over: Domain, _ indices: UnsafeMutablePointer<Int>, _ scratch: UnsafeMutablePointer<Int>
  ) {
    let axes = Array(over)
    let within = type.domain.union(over)
    for feature in 0..<type.shape.count {
      copy(indices, scratch)
      var total = 0.0
      var best = -Double.infinity
      forEach(axes, scratch) {
        guard isInside(within, scratch) else { return }
        let number = operands[0].load(scratch, feature)
        total += number
        if number > best || number.isNaN { best = number }
      }
      result.store(reduction == .sum ? total : best, indices, feature)
    }
  }

  private func computeProduct(
    _ contraction: Contraction, _ over: Domain, _ indices: UnsafeMutablePointer<Int>,
    _ scratch: UnsafeMutablePointer<Int>
  ) {
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
    let axes = Array(over)
    let within = type.domain.union(over)
    for feature in 0..<type.shape.count {
      let (row, column) = (feature / columns, feature % columns)
      copy(indices, scratch)
      var total = 0.0
      forEach(axes, scratch) {
        guard isInside(within, scratch) else { return }
        for k in 0..<depth {
          let a = operands[0].load(scratch, row * leftStride + k * leftStep)
          let b = operands[1].load(scratch, column * rightStride + k * rightStep)
          total.addProduct(a, b)
        }
      }
      result.store(total, indices, feature)
    }
  }

  private func computeScatter(
    _ rows: Int, _ over: Domain, _ indices: UnsafeMutablePointer<Int>, _ scratch: UnsafeMutablePointer<Int>
  ) {
    let width = type.shape.count / rows
    let within = type.domain.union(over)
    var totals = Array(repeating: 0.0, count: type.shape.count)
    copy(indices, scratch)
    forEach(Array(over), scratch) {
      guard isInside(within, scratch) else { return }
      guard let row = entry(operands[0].load(scratch, 0), of: rows) else { return }
      for feature in 0..<width { totals[row * width + feature] += operands[1].load(scratch, feature) }
    }
    for (feature, total) in totals.enumerated() { result.store(total, indices, feature) }
  }
}
