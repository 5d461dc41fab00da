public import EbbGraph
public import EbbRecording

/// What a measurement is made of: a network with a loss, values for its inputs and parameters, and how it runs.
///
/// ```swift
/// let trial = try FlowExperiment(length: 200).trial(of: LSTM(units: 64))
/// let own = Trial(recording, loss: "loss", bindings)
/// ```
public struct Trial: Sendable {
  /// The network.
  public var recording: Recording
  /// The name of the output that is differentiated; not used by measurements without a loss.
  public var loss: String
  /// The inputs and parameters, and the seed of the network's own random numbers.
  public var bindings: Bindings
  /// How the programs are executed.
  public var run: RunOptions

  /// A network with its values, by default with the output `loss`.
  public init(_ recording: Recording, loss: String = "loss", _ bindings: Bindings, run: RunOptions = RunOptions()) {
    self.recording = recording
    self.loss = loss
    self.bindings = bindings
    self.run = run
  }
}

extension FlowExperiment {
  /// The outputs of an experiment that can be differentiated.
  public enum Objective: String, Sendable, Hashable, CaseIterable {
    /// The loss of each sample.
    case loss
    /// The contribution of each step to the loss of a sample.
    case stepLoss = "loss/step"
    /// The read-out v · y_t of each step, whether or not the loss counts it.
    case stepRead = "read/step"
  }

  /// The experiment on a cell, with the initial values of its parameters.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - loss: The output that is differentiated: `creditMatrix` and `stepwiseGradients` need one for each step.
  public func trial(of cell: some RecurrentCell, loss: Objective = .loss) throws(DiagnosticError) -> Trial {
    let recording = try loss == .loss ? record(cell) : recordSteps(cell)
    return Trial(recording, loss: loss.rawValue, bindings(for: recording), run: run)
  }
}
