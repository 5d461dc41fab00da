internal import EbbTensors

/// How a parameter begins.
///
/// Values are drawn in Float64 and rounded to the parameter's element type.
public indirect enum Initializer: Hashable, Sendable, Codable {
  /// Zeros.
  case zeros
  /// The same number everywhere.
  case constant(Double)
  /// Uniform on [−limit, limit).
  case uniform(limit: Double)
  /// Uniform on [lower, upper).
  case between(_ lower: Double, _ upper: Double)
  /// log u with u uniform on (lower, upper], where 0 ≤ lower.
  case logOfUniform(from: Double, to: Double)
  /// ν with |λ| = exp(−eᵛ), for which λ is uniform by area on the ring inner < |λ| ≤ outer of the complex plane, where
  /// 0 ≤ inner and outer < 1 (Orvieto et al. 2023).
  case ringDecay(inner: Double, outer: Double)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Uniform within ±√(6 / (rows + columns)) (Glorot & Bengio, AISTATS 2010, equation 16).
  case glorotUniform
  /// A random orthogonal matrix times the gain, uniform in the orthogonal group; of a matrix that is not square the
  /// shorter side is orthonormal (Saxe, McClelland & Ganguli, ICLR 2014).
  case orthogonal(gain: Double = 1)
  /// The identity times the scale (Le, Jaitly & Hinton 2015: with ReLU units).
  case identity(scale: Double = 1)
  /// In each column so many entries, at random rows, are normal with mean 0; all others are 0 (Martens 2010).
  case sparse(connections: Int, deviation: Double = 1)
  /// A square matrix, scaled so that the largest |λ| of its eigenvalues is `radius` (Jaeger 2001). A nilpotent
  /// matrix, whose eigenvalues are all 0, stays as it is.
  case spectralRadius(_ radius: Double, of: Initializer = .normal(deviation: 1))
  /// The negative of another.
  case negative(_ initializer: Initializer)
  /// The numbers that a parameter of another name draws: two parameters that name the same one begin with the same draws.
  case drawn(as: String, _ initializer: Initializer)
  /// Blocks of rows, one below the other, each with its own initialiser.
  case blocks([Block])

  /// The bias of a forget gate that lets a unit remember for 1 < T < `longest` steps, each unit for a T of its own:
  /// b = log u with u uniform on [1, longest − 1] (Tallec & Ollivier, ICLR 2018, "chrono initialisation").
  ///
  /// The input gate's bias is −b, of the same b; in a cell that has both gates:
  ///
  /// ```swift
  /// let forget = Initializer.drawn(as: scope.path + ".chrono", .chrono(longest: 500))
  /// let input = Initializer.negative(forget)
  /// ```
  public static func chrono(longest: Double) -> Initializer { .logOfUniform(from: 1, to: longest - 1) }

  /// Some rows of a matrix and how they begin.
  public struct Block: Hashable, Sendable, Codable {
    /// How many rows.
    public var rows: Int
    /// How they begin, as a matrix of these rows.
    public var initializer: Initializer
    /// Rows of a matrix that begin in one way.
    public init(rows: Int, _ initializer: Initializer) {
      self.rows = rows
      self.initializer = initializer
    }
  }
}
