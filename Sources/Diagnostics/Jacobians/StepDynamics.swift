internal import EbbExecution
internal import EbbGraph
internal import EbbRecording

/// The effect of a recurrence's steps on small changes of its states, along the trajectory of the first sample: spectra
/// of some step Jacobians, and the Lyapunov exponents of all steps, measured in one pass over the Jacobians.
public struct StepDynamics: Sendable, Hashable {
  /// Without end-to-end Jacobians; nil if there are none to measure.
  public var jacobians: JacobianSpectra?
  /// The Lyapunov exponents.
  public var lyapunov: LyapunovSpectrum
  /// A sentence explaining why there are no spectra of Jacobians; nil if there are.
  public var omission: String?

  /// The spectrum of one step takes about 25 n³ operations; their number is limited to about a second in all.
  static func spectrumCount(_ spectra: Int, dimension: Int) -> Int {
    guard dimension <= 512 else { return 0 }
    let cube = Double(dimension) * Double(dimension) * Double(dimension)
    return max(1, min(spectra, Int(2e8 / cube)))
  }
}

extension Diagnostics {
  /// The effect of a network's steps on small changes of its states.
  ///
  /// Jacobians are computed in pieces and not kept, so that memory does not grow with the number of steps.
  ///
  /// - Parameters:
  ///   - trial: Any network with states; no loss is needed.
  ///   - spectra: The number of steps with a spectrum, evenly spaced from the first to the last; fewer for large
  ///     states.
  ///   - exponents: How many Lyapunov exponents at most.
  public static func stepDynamics(
    of trial: Trial, spectra: Int = 8, exponents: Int = 256
  ) throws(DiagnosticError) -> StepDynamics {
    let source = try StepJacobianSource(trial)
    let size = source.space.size
    let count = StepDynamics.spectrumCount(spectra, dimension: size)
    var jacobians = JacobianCollector(count, source, measuresEndToEnd: false)
    var lyapunov = try LyapunovMeasurement(
      source, LyapunovSpectrum.Settings(count: min(size, max(1, exponents)), measuresDeterminants: false),
      threads: trial.run.execution.threads)
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
      dynamics.jacobians = try jacobians.spectra(threads: trial.run.execution.threads)
    } catch {
      dynamics.omission = "Spectra of Jacobians: \(error)."
    }
    return dynamics
  }
}
