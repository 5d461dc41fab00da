internal import EbbExecution
internal import EbbGraph
public import EbbLinearAlgebra
internal import EbbRecording
internal import EbbTensors

/// The Jacobian Jₜ = ∂sₜ/∂sₜ₋₁ of each step of a recurrence, over all its states together.
///
/// ```swift
/// let experiment = FlowExperiment(length: 100, batch: 1, element: .float64)
/// let jacobians = try Diagnostics.stepJacobians(of: experiment.trial(of: LSTM(units: 32)))
/// let radii = try jacobians.spectra().map(\.spectralRadius)
/// ```
///
/// Each state is a separate coordinate: ∂/∂cₜ₋₁ of an LSTM holds hₜ₋₁ fixed, while the total gradient dL/dcₜ of
/// `Diagnostics.gradientFlow` also passes through hₜ, which has cₜ as an operand. For the last state that a step
/// computes the two are the same.
///
/// The derivatives are tangents of forward mode: `stopGradient` stops them, clipping and truncation do not affect them.
/// If their products shrink or grow, gradients vanish or explode (Pascanu, Mikolov & Bengio 2013, section 2).
///
/// All are kept in memory: 8 n² bytes for each step and sample, with n coordinates.
public struct StepJacobians: Sendable {
  /// The meaning of rows and columns.
  public let space: StateSpace
  /// T; steps are counted in the direction of the recurrence.
  public let length: Int
  /// The number of samples.
  public let samples: Int
  /// The number of threads for computations on all steps.
  public var threads: Int
  /// Jᵀ of each step and sample, row-major.
  private let transposed: [Double]

  init(_ source: StepJacobianSource, threads: Int) throws(DiagnosticError) {
    (space, length, samples) = (source.space, source.length, source.samples)
    self.threads = threads
    var values: [Double] = []
    values.reserveCapacity(source.length * source.samples * source.space.size * source.space.size)
    try source.forEachPiece { piece throws(DiagnosticError) in
      for step in piece.steps {
        for sample in 0..<source.samples { values += piece.transposed(step, sample) }
      }
    }
    transposed = values
  }

  /// Jₜ: row i, column j is ∂(sₜ)ᵢ / ∂(sₜ₋₁)ⱼ.
  ///
  /// - Parameters:
  ///   - t: In 1 … T.
  ///   - sample: From 0.
  public func jacobian(at t: Int, sample: Int = 0) -> Matrix { transposedJacobian(at: t, sample: sample).transposed }

  /// The block of Jₜ for the dependence of one state on another: ∂h/∂h, ∂h/∂c, ∂c/∂h and ∂c/∂c of an LSTM.
  public func block(of state: String, by other: String, at t: Int, sample: Int = 0) -> Matrix? {
    guard let rows = space[state]?.range, let columns = space[other]?.range else { return nil }
    let jacobian = transposedJacobian(at: t, sample: sample)
    return Matrix(rows: rows.count, columns: columns.count) {
      jacobian[columns.lowerBound + $1, rows.lowerBound + $0]
    }
  }

  func transposedJacobian(at t: Int, sample: Int) -> Matrix {
    precondition(t >= 1 && t <= length, "step \(t) of a sequence of \(length)")
    precondition(sample >= 0 && sample < samples, "sample \(sample) of \(samples)")
    let count = space.size * space.size
    let start = ((t - 1) * samples + sample) * count
    return Matrix(rows: space.size, columns: space.size, Array(transposed[start..<start + count]))
  }
}

extension Diagnostics {
  /// The Jacobian of each step of a network along the trajectory of each sample.
  ///
  /// An experiment's loss and clipping have no effect. For small singular values use Float64: in Float32 values below
  /// about 10⁻⁷ of the largest are noise.
  ///
  /// - Throws: `DiagnosticError` if there is no state, the states do not step together, a step uses other samples or other
  ///   steps, or the bindings do not fit.
  public static func stepJacobians(of trial: Trial) throws(DiagnosticError) -> StepJacobians {
    try StepJacobians(StepJacobianSource(trial), threads: trial.run.execution.threads)
  }
}
