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
      let read = Self.sumOverAllFeatures(readOut * y)
      let stepLoss =
        switch loss {
        case .last: select(scope.index(of: time) .== scope.length(of: time) - 1, read, 0)
        case .all: read / convert(scope.length(of: time), to: element)
        }
      scope.output(Objective.loss.rawValue, sum(stepLoss, over: [time]))
      scope.output(Objective.stepLoss.rawValue, stepLoss)
      scope.output(Objective.stepRead.rawValue, read)
    }
  }
}
