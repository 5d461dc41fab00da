internal import EbbExecution
public import EbbGraph
public import EbbRecording

/// The effect of a recurrence's steps on small changes of its states, along the trajectory of the first sample: spectra
/// of some step Jacobians, and the Lyapunov exponents of all steps, measured in one pass over the Jacobians.
public struct StepDynamics: Sendable, Hashable {
  /// How much is measured.
  public struct Settings: Sendable, Hashable {
    /// The number of steps with a spectrum, evenly spaced from the first to the last; fewer for large states.
    public var spectra: Int
    /// How many Lyapunov exponents at most.
    public var exponents: Int

    /// Settings; by default spectra of 8 steps and at most 256 exponents.
    public init(spectra: Int = 8, exponents: Int = 256) {
      self.spectra = spectra
      self.exponents = exponents
    }
  }

  /// Without end-to-end Jacobians; nil if there are none to measure.
  public var jacobians: JacobianProfile?
  /// The Lyapunov exponents.
  public var lyapunov: LyapunovSpectrum
  /// A sentence explaining why there are no spectra of Jacobians; nil if there are.
  public var omission: String?

  /// The spectrum of one step takes about 25 n³ operations; their number is limited to about a second in all.
  static func spectrumCount(_ settings: Settings, dimension: Int) -> Int {
    guard dimension <= 512 else { return 0 }
    let cube = Double(dimension) * Double(dimension) * Double(dimension)
    return max(1, min(settings.spectra, Int(2e8 / cube)))
  }
}

extension Diagnostics {
  /// The effect of a recording's steps on small changes of its states.
  ///
  /// Jacobians are computed in pieces and not kept, so that memory does not grow with the number of steps.
  public static func stepDynamics(
    of recording: Recording, _ bindings: Bindings, _ settings: StepDynamics.Settings = StepDynamics.Settings(),
    run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> StepDynamics {
    let source = try StepJacobianSource(recording, bindings, run)
    let size = source.space.size
    let count = StepDynamics.spectrumCount(settings, dimension: size)
    var jacobians = JacobianCollector(count, source, measuresEndToEnd: false)
    var lyapunov = try LyapunovMeasurement(
      source, LyapunovSpectrum.Settings(count: min(size, max(1, settings.exponents)), measuresDeterminants: false),
      threads: run.execution.threads)
    try source.forEachPiece { piece throws(DiagnosticError) in
      if count > 0 { jacobians.advance(through: piece) }
      try lyapunov.advance(through: piece)
    }
    var dynamics = StepDynamics(lyapunov: lyapunov.spectrum)
    guard count > 0 else {
      dynamics.omission = "Spectra of Jacobians: the states have \(size) coordinates, more than 512."
      return dynamics
    }
    do throws(DiagnosticError) {
      dynamics.jacobians = try jacobians.profile(threads: run.execution.threads)
    } catch {
      dynamics.omission = "Spectra of Jacobians: \(error)."
    }
    return dynamics
  }
}
