public import EbbTensors

extension Initializer {
  /// The first value of a parameter: a function of the seed, the name, the shape and the initialiser alone.
  public func value(shape: Shape, as element: ElementType, seed: UInt64, name: String) -> Tensor {
    var draws = Draws(stream: RandomStream(seed: seed, stream: Self.hash(name)))
    return Tensor(shape.array, numbers(shape, &draws), as: element)
  }

  private func numbers(_ shape: Shape, _ draws: inout Draws) -> [Double] {
    func matrix() -> (rows: Int, columns: Int) {
      precondition(shape.rank == 2, "this initialiser fills matrices, not \(shape)")
      return (shape[0], shape[1])
    }
    switch self {
    case .zeros:
      return [Double](repeating: 0, count: shape.count)
    case .constant(let value):
      return [Double](repeating: value, count: shape.count)
    case .uniform(let limit):
      return (0..<shape.count).map { _ in (2 * draws.next(.uniform) - 1) * limit }
    case .normal(let deviation):
      return (0..<shape.count).map { _ in draws.next(.normal) * deviation }
    case .glorotUniform:
      // U(−a, a) with a = √(6 / (rows + columns))
      let (rows, columns) = matrix()
      let limit = (6 / Double(rows + columns)).squareRoot()
      return (0..<shape.count).map { _ in (2 * draws.next(.uniform) - 1) * limit }
    case .orthogonal(let gain):
      let (rows, columns) = matrix()
      return orthogonalMatrix(rows, columns) { draws.next(.normal) }.map { $0 * gain }
    case .identity(let scale):
      let (rows, columns) = matrix()
      return (0..<rows * columns).map { $0 / columns == $0 % columns ? scale : 0 }
    case .blocks(let blocks):
      return blocks.flatMap { $0.initializer.numbers([$0.rows, matrix().columns], &draws) }
    }
  }

  /// Random numbers one after the other.
  private struct Draws {
    var stream: RandomStream
    var position: UInt32 = 0
    mutating func next(_ distribution: Distribution) -> Double {
      defer { position += 1 }
      return stream.value(distribution, at: .zero, element: position)
    }
  }

  /// FNV-1a, 64 bits: the same for a name on every machine, unlike Swift's own hash.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

/// A matrix, row-major, whose shorter side is orthonormal, uniformly distributed (Haar).
///
/// Gram and Schmidt's process on vectors of independent normal numbers: the triangular factor's diagonal is positive,
/// which makes the orthogonal factor uniform (Mezzadri, Notices of the AMS 54, 2007). Each vector is projected twice, so
/// that the result is orthogonal to the last bits whatever was drawn (Giraud, Langou & Rozložník 2005).
func orthogonalMatrix(_ rows: Int, _ columns: Int, _ normal: () -> Double) -> [Double] {
  let (count, length) = (min(rows, columns), max(rows, columns))
  // Eight numbers at a time, padded with zeros, which add nothing to a scalar product.
  let chunks = (length + 7) / 8
  var vectors: [[SIMD8<Double>]] = []
  for _ in 0..<count {
    var vector = [SIMD8<Double>](repeating: .zero, count: chunks)
    for index in 0..<length { vector[index / 8][index % 8] = normal() }
    // v ← v − Σⱼ (qⱼ · v) qⱼ, twice; then v / ‖v‖
    for _ in 0..<2 {
      for other in vectors {
        let projection = dot(other, vector)
        for chunk in 0..<chunks { vector[chunk] -= projection * other[chunk] }
      }
    }
    let norm = dot(vector, vector).squareRoot()
    vectors.append(vector.map { $0 / norm })
  }
  return (0..<rows * columns).map { position in
    let (row, column) = (position / columns, position % columns)
    let (vector, index) = rows <= columns ? (row, column) : (column, row)
    return vectors[vector][index / 8][index % 8]
  }
}

private func dot(_ left: [SIMD8<Double>], _ right: [SIMD8<Double>]) -> Double {
  var sum = SIMD8<Double>.zero
  for chunk in left.indices { sum += left[chunk] * right[chunk] }
  return sum.sum()
}
