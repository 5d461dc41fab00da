public import EbbRecording
internal import EbbTensors

/// A network with a loss on sequences, of which all measurements of the gradient through time can be made: a cell with
/// random inputs (`CellExperiment`), or a trained network on data (`NetworkExperiment`).
public protocol FlowSubject: Sendable {
  /// The lengths and sizes, where the loss reads the output, and how the measurements run.
  var experiment: FlowExperiment { get }
  /// The recurrent equations, without what stands before and after them; they read `experiment.features` features.
  var cell: any RecurrentCell { get }
  /// Where the sequences have lengths of their own: the length of each.
  var lengths: [Int]? { get }
  /// The names of its states and named values over time: one of them can be the `value` of the experiment.
  var values: [String] { get throws(DiagnosticError) }
  /// The network with its values.
  ///
  /// - Parameter loss: The output that is differentiated: `creditMatrix` and `stepwiseGradients` need one for each step.
  func trial(loss: FlowExperiment.Objective) throws(DiagnosticError) -> Trial
  /// The first steps of the first samples; at most as many as there are.
  func part(steps: Int, samples: Int) -> Self
  /// The first sample alone, in double precision: the trajectory of the Jacobians. Clipping acts only on gradients and
  /// has no effect.
  var ofOneSample: Self { get }
  /// The samples of one length, for measurements that need it: of the most frequent one, and of those the longest.
  var ofOneLength: Self { get }
}

/// A cell with the initial values of its parameters, on random inputs.
public struct CellExperiment: FlowSubject {
  public let cell: any RecurrentCell
  public var experiment: FlowExperiment

  /// A cell in an experiment.
  public init(_ cell: any RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()) {
    (self.cell, self.experiment) = (cell, experiment)
  }

  public var lengths: [Int]? { nil }

  public var values: [String] {
    get throws(DiagnosticError) { try experiment.readingOutput.trial(of: cell).recording.readableNames }
  }

  public func trial(loss: FlowExperiment.Objective) throws(DiagnosticError) -> Trial {
    try experiment.trial(of: cell, loss: loss)
  }

  public func part(steps: Int, samples: Int) -> CellExperiment {
    var part = self
    part.experiment.length = min(experiment.length, max(1, steps))
    part.experiment.batch = min(experiment.batch, samples)
    part.experiment.loss = experiment.loss.within(part.experiment.length)
    return part
  }

  public var ofOneSample: CellExperiment { CellExperiment(cell, experiment.ofOneSample) }

  public var ofOneLength: CellExperiment { self }
}

extension FlowExperiment.Loss {
  /// The loss of a part that may end before the step that is read: it then reads its last step.
  func within(_ length: Int) -> FlowExperiment.Loss {
    if case .step(let index) = self, index >= length { return .last }
    return self
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
