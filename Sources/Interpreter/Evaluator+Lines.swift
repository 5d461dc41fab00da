internal import EbbGraph
internal import EbbTensors

/// Operations on the lines of entries along a feature dimension, one for each index of the other dimensions.
extension Evaluator {
  /// The lines of a value back in its row-major order.
  func joined(_ lines: [[Double]], _ dimension: Int, _ type: NodeType) -> [Double] {
    let (before, length, after) = Self.layout(type.shape, dimension)
    return (0..<before).flatMap { i in
      (0..<length).flatMap { m in (0..<after).map { j in lines[i * after + j][m] } }
    }
  }

  /// The indices of the numbers from the smallest up, or from the largest down. Equal ones keep their order, and a NaN
  /// counts as the largest.
  func order(_ numbers: [Double], _ isDescending: Bool) -> [Double] {
    func isLess(_ x: Double, _ y: Double) -> Bool { x < y || !x.isNaN && y.isNaN }
    return numbers.indices.sorted { i, j in
      let (x, y) = isDescending ? (numbers[j], numbers[i]) : (numbers[i], numbers[j])
      return isLess(x, y) || !isLess(y, x) && i < j
    }.map(Double.init)
  }

  /// The entries at the indices; 0 where an index is outside.
  func gatherFeatures(
    _ x: NodeID, _ indices: NodeID, _ dimension: Int, _ type: NodeType, at point: Point
  ) -> [Double] {
    let pairs = zip(lines(of: x, along: dimension, at: point), lines(of: indices, along: dimension, at: point))
    let result = pairs.map { line, indices in
      indices.map { index in line.indices.contains(Int(index)) ? line[Int(index)] : 0 }
    }
    return joined(result, dimension, type)
  }

  /// At each index the sum of its values.
  func scatterFeatures(
    _ indices: NodeID, _ x: NodeID, _ dimension: Int, _ count: Int, _ type: NodeType, at point: Point
  ) -> [Double] {
    let pairs = zip(lines(of: x, along: dimension, at: point), lines(of: indices, along: dimension, at: point))
    let result = pairs.map { line, indices in
      var sums = zeros(count)
      for (number, index) in zip(line, indices) where sums.indices.contains(Int(index)) { sums[Int(index)] += number }
      return sums
    }
    return joined(result, dimension, type)
  }

  /// yᵢ = aᵢ yᵢ₋₁ + bᵢ from the first entry, or from the last one.
  func accumulate(
    _ a: NodeID, _ b: NodeID, _ dimension: Int, _ isReversed: Bool, _ type: NodeType, at point: Point
  ) -> [Double] {
    let terms = lines(of: b, along: dimension, at: point)
    let factors =
      graph.type(a).shape == .scalar
      ? terms.map { $0.map { _ in read(a, point)[read(a, point).startIndex] } }
      : lines(of: a, along: dimension, at: point)
    let result = zip(factors, terms).map { factors, terms in
      var sums = terms
      var last: Int?
      for index in isReversed ? Array(terms.indices.reversed()) : Array(terms.indices) {
        if let last { sums[index] = factors[index] * sums[last] + terms[index] }
        last = index
      }
      return sums
    }
    return joined(result, dimension, type)
  }
}
