public import EbbExecution
public import EbbGraph
internal import EbbLinearAlgebra
public import EbbRecording
public import EbbTransforms

/// What the steps of a recurrence do to small changes of its states: spectra of some step Jacobians and the Lyapunov
/// exponents of all steps, along the trajectory of the first sample.
public struct StepDynamics: Sendable, Hashable {
  /// How much is measured.
  public struct Settings: Sendable, Hashable {
    /// Of how many steps, evenly spaced up to the last, the spectrum is taken; fewer of large states.
    public var spectra: Int
    /// How many Lyapunov exponents at most.
    public var exponents: Int

    public init(spectra: Int = 8, exponents: Int = 256) {
      self.spectra = spectra
      self.exponents = exponents
    }
  }

  /// The Jacobian Jₜ = ∂sₜ/∂sₜ₋₁ of one step.
  public struct Step: Sendable, Hashable {
    /// t, from 1.
    public var step: Int
    public var spectrum: StepSpectrum
  }

  /// The number of coordinates of all states together.
  public var dimension: Int
  /// Ascending; the last is T. Empty where the states are too many for a spectrum.
  public var steps: [Step]
  /// The steps whose spectrum could not be computed, and why, each in a sentence.
  public var failures: [String]
  public var lyapunov: LyapunovSpectrum

  /// The spectrum of one step takes about 25 n³ operations: as many are taken as stay under a second or so.
  static func spectrumCount(_ settings: Settings, dimension: Int) -> Int {
    guard dimension <= 512 else { return 0 }
    let cube = Double(dimension) * Double(dimension) * Double(dimension)
    return max(1, min(settings.spectra, Int(2e8 / cube)))
  }
}

extension GradientFlow {
  /// What the steps of a recording do to small changes of its states.
  ///
  /// Jacobians are computed in pieces and not kept, so that memory does not grow with the number of steps.
  public static func stepDynamics(
    of recording: Recording, _ bindings: Bindings, _ settings: StepDynamics.Settings = StepDynamics.Settings(),
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> StepDynamics {
    try observedDynamics(of: recording, bindings, settings, execution).dynamics
  }

  /// The dynamics, and the Jacobians of the steps whose spectra were taken.
  static func observedDynamics(
    of recording: Recording, _ bindings: Bindings, _ settings: StepDynamics.Settings, _ execution: ExecutionOptions
  ) throws(DiagnosticError) -> (dynamics: StepDynamics, jacobians: [Int: Matrix], space: StateSpace) {
    let source = try StepJacobianSource(recording, bindings, LabExecution(execution))
    let size = source.space.size
    let count = StepDynamics.spectrumCount(settings, dimension: size)
    // The last of each of `count` equal parts; a trajectory that is still settling weighs little.
    let wanted = Set((0..<count).map { ($0 + 1) * source.length / count }.filter { $0 >= 1 })
    var lyapunov = try LyapunovMeasurement(
      source, LyapunovSpectrum.Settings(count: min(size, max(1, settings.exponents)), measuresDeterminants: false),
      threads: execution.threads)
    var jacobians: [Int: Matrix] = [:]
    try source.forEachPiece { piece throws(DiagnosticError) in
      for step in piece.steps where wanted.contains(step + 1) {
        jacobians[step + 1] = Matrix(rows: size, columns: size, piece.transposed(step, 0)).transposed
      }
      try lyapunov.advance(through: piece)
    }
    let order = jacobians.keys.sorted()
    let taken = jacobians
    let results = concurrentMap(order.count, threads: execution.threads) { index in
      Result { () throws(LinearAlgebraError) in try StepSpectrum(taken[order[index]] ?? Matrix(rows: 0, columns: 0)) }
    }
    var steps: [StepDynamics.Step] = []
    var failures: [String] = []
    for (step, result) in zip(order, results) {
      do throws(LinearAlgebraError) {
        steps.append(StepDynamics.Step(step: step, spectrum: try result.get()))
      } catch {
        failures.append("The spectrum of the Jacobian of step \(step): \(error).")
      }
    }
    return (
      StepDynamics(dimension: size, steps: steps, failures: failures, lyapunov: lyapunov.spectrum), jacobians,
      source.space
    )
  }
}
