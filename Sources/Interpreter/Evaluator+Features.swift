internal import EbbGraph
internal import EbbTensors

/// Operations on the features of one point. A dimension of length n lies between the dimensions before it, taken
/// together, and those after it: the entry (i, m, j) is number (i · n + m) · after + j.
extension Evaluator {
  func transpose(_ operand: NodeID, _ first: Int, _ second: Int, _ shape: Shape, at point: Point) -> [Double] {
    let source = Array(read(operand, point))
    var strides = [Int](repeating: 1, count: shape.rank)
    let extents = graph.type(operand).shape.array
    for dimension in extents.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * extents[dimension + 1]
    }
    strides.swapAt(first, second)
    return (0..<shape.count).map { number in
      var (rest, offset) = (number, 0)
      for dimension in shape.array.indices.reversed() {
        offset += rest % shape[dimension] * strides[dimension]
        rest /= shape[dimension]
      }
      return source[offset]
    }
  }

  func broadcast(_ operand: NodeID, _ dimension: Int, _ count: Int, at point: Point) -> [Double] {
    let source = Array(read(operand, point))
    let after = graph.type(operand).shape.array[dimension...].reduce(1, *)
    return (0..<source.count / after).flatMap { i in
      (0..<count).flatMap { _ in source[i * after..<(i + 1) * after] }
    }
  }

  func concatenate(_ operands: [NodeID], _ dimension: Int, at point: Point) -> [Double] {
    let before = Self.layout(graph.type(operands[0]).shape, dimension).before
    return (0..<before).flatMap { i in
      operands.flatMap { operand in
        let (_, length, after) = Self.layout(graph.type(operand).shape, dimension)
        return read(operand, point).dropFirst(i * length * after).prefix(length * after)
      }
    }
  }

  func slice(_ operand: NodeID, _ dimension: Int, _ start: Int, _ count: Int, at point: Point) -> [Double] {
    let (before, length, after) = Self.layout(graph.type(operand).shape, dimension)
    return (0..<before).flatMap { i in
      read(operand, point).dropFirst((i * length + start) * after).prefix(count * after)
    }
  }

  func pad(_ operand: NodeID, _ dimension: Int, _ zerosBefore: Int, _ zerosAfter: Int, at point: Point) -> [Double] {
    let (before, length, after) = Self.layout(graph.type(operand).shape, dimension)
    return (0..<before).flatMap { i in
      zeros(zerosBefore * after) + read(operand, point).dropFirst(i * length * after).prefix(length * after)
        + zeros(zerosAfter * after)
    }
  }

  /// The entries along a dimension, for each index of the other dimensions.
  func lines(of operand: NodeID, along dimension: Int, at point: Point) -> [[Double]] {
    let source = Array(read(operand, point))
    let (before, length, after) = Self.layout(graph.type(operand).shape, dimension)
    return (0..<before).flatMap { i in
      (0..<after).map { j in (0..<length).map { m in source[(i * length + m) * after + j] } }
    }
  }

  func reduce(_ reduction: FeatureReduction, _ numbers: [Double]) -> Double {
    switch reduction {
    case .sum: reduce(AxisReduction.sum, numbers)
    case .mean: arithmeticMean(numbers)
    case .max: reduce(AxisReduction.max, numbers)
    case .norm: euclideanNorm(numbers)
    }
  }

  /// The sum or the largest number; a maximum is NaN if any number is NaN, −∞ if there are none.
  func reduce(_ reduction: AxisReduction, _ numbers: [Double]) -> Double {
    switch reduction {
    case .sum: numbers.reduce(0, +)
    case .max: numbers.reduce(-.infinity) { $0.isNaN || $0 >= $1 ? $0 : $1 }
    }
  }

  /// The position of the largest number, the first if several are equal. A NaN counts as the largest; 0 if there are
  /// none.
  func argmax(_ numbers: [Double]) -> Int {
    if let undefined = numbers.firstIndex(where: \.isNaN) { return undefined }
    var best = 0
    for index in numbers.indices where numbers[index] > numbers[best] { best = index }
    return best
  }
}
