public import EbbDiagnostics
public import EbbRecording
public import EbbReport
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
  public var flow: GradientFlow
  /// Predictions of the total gradients; nil if the theories do not cover the loss.
  public var theory: FlowTheory?
  /// Nil where it could not be measured.
  public var gates: GateStatistics?
  /// Nil if not measured, or if the states have no step Jacobian.
  public var dynamics: StepDynamics?
  /// The credit of each state for each loss; nil if not measured.
  public var credit: CreditMatrix?
  /// The cell's equations and those of its gradient, in MathML; without what cannot be written.
  public var equations: [String] = []
  /// The measurements that were not possible, and why, one sentence each.
  public var omissions: [String]
  /// What was measured, if it is not a cell with random inputs.
  public var subject: Subject?

  /// A trained network on data, in words for its page.
  public struct Subject: Sendable, Hashable {
    /// What was measured, in one or two sentences.
    public var lead: String
    /// Names and values, such as those of files.
    public var details: [HTMLReport.Detail]
    /// Assumptions and what was left out, one line each.
    public var notes: [String]

    /// What was measured, in words.
    public init(lead: String, details: [HTMLReport.Detail] = [], notes: [String] = []) {
      (self.lead, self.details, self.notes) = (lead, details, notes)
    }
  }
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
  ///   - flow: The measured gradients of the same experiment; nil to measure them.
  public static func cellReport(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(),
    measuresDynamics: Bool = true, creditLength: Int? = 200, flow: GradientFlow? = nil
  ) throws(DiagnosticError) -> CellReport {
    try cellReport(
      of: CellExperiment(cell, experiment), measuresDynamics: measuresDynamics, creditLength: creditLength,
      flow: flow)
  }

  /// Measures everything that a page shows, of a cell or of a trained network on data.
  ///
  /// - Parameters:
  ///   - subject: The network, its values and its loss.
  ///   - measuresDynamics: Whether to measure step Jacobians and Lyapunov exponents.
  ///   - creditLength: The number of first steps for the credit matrix, of at most four samples. Nil for no matrix.
  ///   - flow: The measured gradients of the same subject; nil to measure them.
  public static func cellReport(
    of subject: some FlowSubject, measuresDynamics: Bool = true, creditLength: Int? = 200,
    flow: GradientFlow? = nil
  ) throws(DiagnosticError) -> CellReport {
    let experiment = subject.experiment
    let trial = try subject.trial(loss: .loss)
    let measured: GradientFlow
    if let flow { measured = flow } else { measured = try gradientFlow(of: trial) }
    var cellReport = CellReport(experiment: experiment, flow: measured, omissions: [])
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
      let equations = try CellEquations(of: subject.cell, features: experiment.features, part: .gradient)
      cellReport.equations = equations.mathMLOfParts
    } catch {
      // Without those of the gradient, if it has no notation.
      let own = try? CellEquations(of: subject.cell, features: experiment.features)
      cellReport.equations = own.map { [$0.mathML] } ?? []
      cellReport.omissions.append("\(own == nil ? "Equations" : "Equations of the gradient"): \(error).")
    }
    if experiment.reasonAgainstTheory == nil {
      cellReport.theory = attempt("Theory") { () throws(DiagnosticError) in try theory(of: trial, beside: measured) }
    }
    if measuresDynamics {
      cellReport.dynamics = attempt("Step Jacobians and Lyapunov exponents") { () throws(DiagnosticError) in
        var observed = try subject.ofOneSample.trial(loss: .loss)
        observed.run = RunOptions(experiment.run.execution)
        return try stepDynamics(of: observed)
      }
    }
    if let omission = cellReport.dynamics?.omission { cellReport.omissions.append(omission) }
    if let length = creditLength {
      let short = subject.ofOneLength.part(steps: length, samples: 4)
      cellReport.credit = attempt("Credit") { () throws(DiagnosticError) in
        try creditMatrix(
          of: short.trial(loss: .stepRead),
          .suitable(forLength: short.experiment.length, seed: short.experiment.seed))
      }
    }
    return cellReport
  }
}
