internal import EbbGraph
internal import EbbTensors

extension Evaluator {
  /// Σ over the points of `over`, and over the contracted dimension, of left · right.
  func product(
    _ left: NodeID, _ right: NodeID, _ contraction: Contraction, over: Domain, _ type: NodeType, at point: Point
  ) -> [Double] {
    // As arrays with the contracted dimension of length n between the dimensions before and after it: C[(i, j), (k, l)]
    // = Σ_m A[i, m, j] · B[k, m, l],   where i or j, and k or l, have length 1.
    let a = Self.layout(graph.type(left).shape, contraction.left)
    let b = Self.layout(graph.type(right).shape, contraction.right)
    var result = zeros(type.shape.count)
    forEachPoint(over: over, from: point, within: type.domain.union(over)) { point in
      let (x, y) = (Array(read(left, point)), Array(read(right, point)))
      var index = 0
      for i in 0..<a.before {
        for j in 0..<a.after {
          for k in 0..<b.before {
            for l in 0..<b.after {
              for m in 0..<a.length {
                result[index] += x[(i * a.length + m) * a.after + j] * y[(k * b.length + m) * b.after + l]
              }
              index += 1
            }
          }
        }
      }
    }
    return result
  }

  /// The row `id` of the table, or zeros if there is none.
  func gather(table: NodeID, id: NodeID, width: Int, at point: Point) -> [Double] {
    let row = readInteger(id, point)
    guard row >= 0, row < graph.type(table).shape[0] else { return zeros(width) }
    return Array(read(table, point).dropFirst(row * width).prefix(width))
  }

  /// table[id] = Σ over the points of `over` of the values with this id.
  func scatterAdd(ids: NodeID, _ source: NodeID, over: Domain, _ type: NodeType, at point: Point) -> [Double] {
    var table = zeros(type.shape.count)
    let width = graph.type(source).shape.count
    forEachPoint(over: over, from: point, within: type.domain.union(over)) { point in
      let row = readInteger(ids, point)
      guard row >= 0, row < type.shape[0] else { return }
      for (index, number) in read(source, point).enumerated() { table[row * width + index] += number }
    }
    return table
  }

  /// A shape as the sizes before, at and after one of its dimensions; without one, the contraction has length 1.
  static func layout(_ shape: Shape, _ dimension: Int?) -> (before: Int, length: Int, after: Int) {
    guard let dimension else { return (shape.count, 1, 1) }
    let extents = shape.array
    return (
      extents[..<dimension].reduce(1, *), extents[dimension], extents[(dimension + 1)...].reduce(1, *)
    )
  }
}

extension Contraction {
  /// The contracted dimension of the left operand.
  fileprivate var left: Int? {
    switch self {
    case .outer: nil
    case .dimensions(let dimension, _): dimension
    }
  }

  /// The contracted dimension of the right operand.
  fileprivate var right: Int? {
    switch self {
    case .outer: nil
    case .dimensions(_, let dimension): dimension
    }
  }
}
