public import EbbDiagnostics
public import EbbRecording
internal import EbbEquations
internal import EbbTensors

/// Everything a cell's page shows: the gradient through time with its theoretical predictions, the effect of each step
/// on small changes, the saturation of the gates, and the losses that reach each state.
///
/// ```swift
/// let cellReport = try Diagnostics.cellReport(LSTM(units: 64), FlowExperiment(length: 200))
/// try writeAtomically(cellReport.page(cell: "lstm").html(), to: "lstm.html")
/// ```
public struct CellReport: Sendable, Hashable {
  /// The experiment of the measurements.
  public var experiment: FlowExperiment
  /// Gradients through time.
  public var profile: GradientProfile
  /// Predictions of the total gradients; nil if the theories do not cover the loss.
  public var theory: FlowTheory?
  /// Nil where it could not be measured.
  public var gates: GateReport?
  /// Nil if not measured, or if the states have no step Jacobian.
  public var dynamics: StepDynamics?
  /// The credit of each state for each loss; nil if not measured.
  public var credit: CreditMatrix?
  /// The cell's equations and those of its gradient, in MathML; empty if they cannot be written.
  public var equations: [String] = []
  /// The measurements that were not possible, and why, one sentence each.
  public var omissions: [String]
}

extension Diagnostics {
  /// Measures everything that a cell's page shows.
  ///
  /// Anything the cell lacks is left out and listed in `omissions`: a bidirectional cell has no step Jacobian.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - experiment: The lengths, the inputs and the loss.
  ///   - measuresDynamics: Whether to measure step Jacobians and Lyapunov exponents, which take a multiple of the
  ///     gradient's time.
  ///   - creditLength: The number of first steps of the experiment's sequence for the credit matrix, which is averaged
  ///     over at most four samples. Nil for no matrix.
  ///   - profile: The measured gradients of the same experiment; nil to measure them.
  public static func cellReport(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(),
    measuresDynamics: Bool = true, creditLength: Int? = 200, profile: GradientProfile? = nil
  ) throws(DiagnosticError) -> CellReport {
    let trial = try experiment.trial(of: cell)
    let measured: GradientProfile
    if let profile { measured = profile } else { measured = try gradientProfile(of: trial) }
    var cellReport = CellReport(experiment: experiment, profile: measured, omissions: [])
    /// The measurement, or nil and an omission that says why.
    func attempt<Result>(_ name: String, _ measure: () throws(DiagnosticError) -> Result) -> Result? {
      do throws(DiagnosticError) {
        return try measure()
      } catch {
        cellReport.omissions.append("\(name): \(error).")
        return nil
      }
    }
    cellReport.gates = attempt("Gates and activations") { () throws(DiagnosticError) in
      try gates(of: trial, beside: measured)
    }
    do {
      let equations = try CellEquations(of: cell, features: experiment.features, part: .gradient)
      cellReport.equations = equations.mathMLOfParts
    } catch {
      cellReport.omissions.append("Equations: \(error).")
    }
    if experiment.reasonAgainstTheory == nil {
      cellReport.theory = attempt("Theory") { () throws(DiagnosticError) in try theory(of: trial, beside: measured) }
    }
    if measuresDynamics {
      cellReport.dynamics = attempt("Step Jacobians and Lyapunov exponents") { () throws(DiagnosticError) in
        var observed = try experiment.ofOneSample.trial(of: cell)
        observed.run = RunOptions(experiment.run.execution)
        return try stepDynamics(of: observed)
      }
    }
    if let omission = cellReport.dynamics?.omission { cellReport.omissions.append(omission) }
    if let length = creditLength {
      var short = experiment
      short.length = min(experiment.length, max(1, length))
      short.batch = min(experiment.batch, 4)
      cellReport.credit = attempt("Credit") { () throws(DiagnosticError) in
        try creditMatrix(
          of: short.trial(of: cell, loss: .stepRead), .suitable(forLength: short.length, seed: short.seed))
      }
    }
    return cellReport
  }
}

extension FlowExperiment {
  /// The same experiment with one sample, in double precision: the trajectory of the Jacobians. Clipping acts only on
  /// gradients and has no effect.
  public var ofOneSample: FlowExperiment {
    var experiment = self
    experiment.batch = 1
    experiment.clip = nil
    experiment.element = .float64
    return experiment
  }
}
