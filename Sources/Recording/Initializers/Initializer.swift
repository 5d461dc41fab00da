internal import EbbTensors

/// A parameter's initial distribution.
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
  /// ν with |λ| = exp(−eᵛ), distributed so that λ is uniform by area on the ring inner < |λ| ≤ outer of the complex
  /// plane, where 0 ≤ inner and outer < 1 (Orvieto et al. 2023).
  case ringDecay(inner: Double, outer: Double)
  /// Normal with mean 0.
  case normal(deviation: Double)
  /// Uniform within ±√(6 / (rows + columns)) (Glorot & Bengio, AISTATS 2010, equation 16).
  case glorotUniform
  /// The gain times a random orthogonal matrix, uniform in the orthogonal group; a matrix that is not square is
  /// orthonormal along its shorter side (Saxe, McClelland & Ganguli, ICLR 2014).
  case orthogonal(gain: Double = 1)
  /// The identity times the scale (Le, Jaitly & Hinton 2015: with ReLU units).
  case identity(scale: Double = 1)
  /// In each column this many normal entries of mean 0 at random rows, zeros elsewhere (Martens 2010).
  case sparse(connections: Int, deviation: Double = 1)
  /// A square matrix, scaled to a largest eigenvalue magnitude |λ| of `radius` (Jaeger 2001). A nilpotent matrix, whose
  /// eigenvalues are all 0, is not scaled.
  case spectralRadius(_ radius: Double, of: Initializer = .normal(deviation: 1))
  /// The negative of another.
  case negative(_ initializer: Initializer)
  /// The draws of another name: two parameters that name the same one start from the same draws.
  case drawn(as: String, _ initializer: Initializer)
  /// Blocks of rows, stacked vertically, each with its own initialiser.
  case blocks([Block])

  /// A forget gate's bias for memories of 1 < T < `longest` steps, with a different T for each unit: b = log u with u
  /// uniform on [1, longest − 1] (Tallec & Ollivier, ICLR 2018, "chrono initialisation").
  ///
  /// The input gate's bias is −b with the same b. In a cell with both gates:
  ///
  /// ```swift
  /// let forget = Initializer.drawn(as: scope.path + ".chrono", .chrono(longest: 500))
  /// let input = Initializer.negative(forget)
  /// ```
  public static func chrono(longest: Double) -> Initializer { .logOfUniform(from: 1, to: longest - 1) }

  /// Some rows of a matrix and their initialiser.
  public struct Block: Hashable, Sendable, Codable {
    /// How many rows.
    public var rows: Int
    /// The initialiser of the matrix of these rows.
    public var initializer: Initializer
    /// Rows of a matrix with one initialiser.
    public init(rows: Int, _ initializer: Initializer) {
      self.rows = rows
      self.initializer = initializer
    }
  }
}
