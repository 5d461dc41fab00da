internal import EbbGraph
public import EbbRecording
internal import EbbTensors

extension FlowExperiment {
  /// Records the cell as `record` does, with two further outputs for each step and sample: `loss/step`, the step's
  /// contribution to the loss, and `read/step`, the read-out v · y_t.
  ///
  /// `bindings(for:)` fits this recording too.
  public func recordSteps(_ cell: some RecurrentCell) throws(DiagnosticError) -> Recording {
    try record(cell) { scope, y, readOut, time in
      let read = product(readOut, y, in: scope)
      let stepLoss = loss.share(read, along: time, in: scope)
      scope.output(Objective.loss.rawValue, sum(stepLoss, over: [time]))
      scope.output(Objective.stepLoss.rawValue, stepLoss)
      scope.output(Objective.stepRead.rawValue, read)
    }
  }
}
