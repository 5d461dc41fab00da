public import EbbGradientFlow
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

/// Everything a cell's page shows: the gradient through time beside what theory predicts, what each step does to small
/// changes, how much of their range the gates use, and which loss reaches which state.
///
/// ```swift
/// let portrait = try GradientFlow.portrait(LSTM(units: 64), FlowExperiment(length: 200))
/// try writeAtomically(portrait.report(cell: "lstm").html(), to: "lstm.html")
/// ```
public struct FlowPortrait: Sendable, Hashable {
  /// How much is measured.
  public struct Settings: Sendable, Hashable {
    /// Of how many steps spectra, and how many Lyapunov exponents.
    public var dynamics: StepDynamics.Settings
    /// Steps of the sequence of which the credit matrix is taken: the first of the experiment's. Nil for none.
    public var creditLength: Int?
    /// Samples over which credit is averaged, at most those of the experiment.
    public var creditSamples: Int

    /// Settings; by default credit over the first 200 steps, averaged over four samples.
    public init(
      dynamics: StepDynamics.Settings = StepDynamics.Settings(), creditLength: Int? = 200, creditSamples: Int = 4
    ) {
      self.dynamics = dynamics
      self.creditLength = creditLength
      self.creditSamples = creditSamples
    }
  }

  /// What was measured on.
  public var experiment: FlowExperiment
  /// Gradients through time.
  public var profile: GradientProfile
  /// Predictions of the total gradients; nil where the theories say nothing of the loss.
  public var theory: FlowTheory?
  /// Nil where it could not be measured.
  public var gates: GateReport?
  /// Nil where the states have no step Jacobian.
  public var dynamics: StepDynamics?
  /// Which loss reaches which state; nil where it was not measured.
  public var credit: CreditMatrix?
  /// What could not be measured, and why, each in a sentence.
  public var omissions: [String]
}

extension GradientFlow {
  /// Measures everything that a cell's page shows.
  ///
  /// Anything the cell lacks is left out and listed in `omissions`: a bidirectional cell has no step Jacobian.
  public static func portrait(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(),
    _ settings: FlowPortrait.Settings = FlowPortrait.Settings(), profile: GradientProfile? = nil
  ) throws(DiagnosticError) -> FlowPortrait {
    let measured: GradientProfile
    if let profile { measured = profile } else { measured = try measure(cell, experiment) }
    var portrait = FlowPortrait(experiment: experiment, profile: measured, omissions: [])
    do throws(DiagnosticError) {
      portrait.gates = try gates(cell, experiment, beside: measured)
    } catch {
      portrait.omissions.append("Gates and activations: \(error).")
    }
    if experiment.reasonAgainstTheory == nil {
      do throws(DiagnosticError) {
        portrait.theory = try theory(cell, experiment, beside: measured)
      } catch {
        portrait.omissions.append("Theory: \(error).")
      }
    }
    do throws(DiagnosticError) {
      let observed = experiment.ofOneSample
      let recording = try observed.record(cell)
      let dynamics = try stepDynamics(
        of: recording, observed.bindings(for: recording), settings.dynamics, execution: experiment.execution)
      portrait.dynamics = dynamics
      if let omission = dynamics.omission { portrait.omissions.append(omission) }
    } catch {
      portrait.omissions.append("Step Jacobians and Lyapunov exponents: \(error).")
    }
    if let length = settings.creditLength {
      var short = experiment
      short.length = min(experiment.length, max(1, length))
      short.batch = min(experiment.batch, max(1, settings.creditSamples))
      do throws(DiagnosticError) {
        portrait.credit = try creditMatrix(cell, short)
      } catch {
        portrait.omissions.append("Credit: \(error).")
      }
    }
    return portrait
  }
}

extension FlowExperiment {
  /// The same with one sample, in double precision: the trajectory along which Jacobians are taken. Clipping, which acts on
  /// gradients alone, plays no part.
  public var ofOneSample: FlowExperiment {
    var experiment = self
    experiment.batch = 1
    experiment.clip = nil
    experiment.element = .float64
    return experiment
  }
}
