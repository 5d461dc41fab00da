public import EbbTensors
internal import Foundation

extension Initializer {
  /// A parameter's initial value, a function of only the seed, the name, the shape and the initialiser.
  public func value(shape: Shape, as element: ElementType, seed: UInt64, name: String) -> Tensor {
    var draws = Draws(seed: seed, name: name)
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
    case .between(let lower, let upper):
      return (0..<shape.count).map { _ in lower + (upper - lower) * draws.next(.uniform) }
    case .logOfUniform(let lower, let upper):
      // Measured down from the upper end, so that log 0 never occurs.
      return (0..<shape.count).map { _ in log(upper - (upper - lower) * draws.next(.uniform)) }
    case .ringDecay(let inner, let outer):
      // |λ|² is uniform on (inner², outer²], and |λ| = exp(−eᵛ), so ν = log(−½ log |λ|²)
      let area = outer * outer - inner * inner
      return (0..<shape.count).map { _ in log(-0.5 * log(outer * outer - area * draws.next(.uniform))) }
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
    case .sparse(let connections, let deviation):
      let (rows, columns) = matrix()
      return sparseMatrix(rows, columns, connections) { draws.next($0) }.map { $0 * deviation }
    case .spectralRadius(let radius, let initializer):
      let values = initializer.numbers(shape, &draws)
      let found = EbbRecording.spectralRadius(values, matrix().rows)
      return found > 0 ? values.map { $0 * (radius / found) } : values
    case .negative(let initializer):
      return initializer.numbers(shape, &draws).map { -$0 }
    case .drawn(let name, let initializer):
      var others = Draws(seed: draws.seed, name: name)
      return initializer.numbers(shape, &others)
    case .blocks(let blocks):
      return blocks.flatMap { $0.initializer.numbers([$0.rows, matrix().columns], &draws) }
    }
  }

  /// A sequence of random numbers: a function of the seed and a name.
  private struct Draws {
    let seed: UInt64
    private let stream: RandomStream
    private var position: UInt32 = 0

    init(seed: UInt64, name: String) {
      self.seed = seed
      stream = RandomStream(seed: seed, stream: Initializer.stream(of: name))
    }

    mutating func next(_ distribution: Distribution) -> Double {
      defer { position += 1 }
      return stream.value(distribution, at: .zero, element: position)
    }
  }

  /// The random stream of a name: its FNV-1a hash (Fowler, Noll & Vo). It must not change, because it is part of a
  /// seed's meaning.
  private static func stream(of name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
