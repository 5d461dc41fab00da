internal import EbbTensors

/// How a parameter begins.
///
/// Values are drawn in Float64 and rounded to the parameter's element type.
public indirect enum Initializer: Hashable, Sendable {
  case zeros
  case constant(Double)
  /// Uniform on [−limit, limit).
  case uniform(limit: Double)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Uniform within ±√(6 / (rows + columns)) (Glorot & Bengio, AISTATS 2010, equation 16).
  case glorotUniform
  /// A random orthogonal matrix times the gain, uniform in the orthogonal group; of a matrix that is not square the
  /// shorter side is orthonormal (Saxe, McClelland & Ganguli, ICLR 2014).
  case orthogonal(gain: Double = 1)
  /// The identity times the scale (Le, Jaitly & Hinton 2015: with ReLU units).
  case identity(scale: Double = 1)
  /// Blocks of rows, one below the other, each with its own initialiser.
  case blocks([Block])

  /// Some rows of a matrix and how they begin.
  public struct Block: Hashable, Sendable {
    public var rows: Int
    public var initializer: Initializer
    public init(rows: Int, _ initializer: Initializer) {
      self.rows = rows
      self.initializer = initializer
    }
  }

  /// Why this cannot fill the shape; nil if it can.
  func problem(for shape: Shape) -> String? {
    switch self {
    case .zeros, .constant, .uniform, .normal: return nil
    case .glorotUniform, .orthogonal, .identity:
      return shape.rank == 2 ? nil : "this initialiser fills matrices, not \(shape)"
    case .blocks(let blocks):
      if blocks.isEmpty { return nil }
      guard shape.rank == 2 else { return "blocks of rows fill matrices, not \(shape)" }
      let rows = blocks.reduce(0) { $0 + $1.rows }
      guard rows == shape[0], blocks.allSatisfy({ $0.rows >= 1 }) else {
        return "the blocks have \(rows) rows, the matrix \(shape[0])"
      }
      return blocks.lazy.compactMap { $0.initializer.problem(for: [$0.rows, shape[1]]) }.first
    }
  }
}
