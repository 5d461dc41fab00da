internal import EbbGraph
public import EbbRecording
internal import EbbTensors

extension FlowExperiment.Name {
  /// What each step adds to the loss of a sample.
  static let stepLoss = "loss/step"
  /// The read-out of each step, whether or not the loss counts it.
  static let stepRead = "read/step"
}

extension FlowExperiment {
  /// Records the cell as `record` does, with two further outputs for each step and sample: `loss/step`, what the step
  /// adds to the loss, and `read/step`, the read-out v · y_t.
  ///
  /// `bindings(for:)` fits this recording too.
  public func recordSteps(_ cell: some RecurrentCell) throws(DiagnosticError) -> Recording {
    try validate()
    return try diagnosing {
      try Recording(element: element) { scope in
        let time = scope.time("t")
        let batch = scope.batch("b")
        let x = scope.input(Name.input, [features], over: [time, batch])
        var inner = scope.over(time)
        if let clip { inner = inner.clipping(clip) }
        let y = inner.run(cell, x)
        let readOut = scope.input(Name.readOut, y.shape.array, over: [batch])
        let product = readOut * y
        let read = sumOverFeatures(y.shape.rank == 1 ? product : reshape(product, [y.shape.count]))
        let stepLoss =
          switch loss {
          case .last: select(scope.index(of: time) .== scope.length(of: time) - 1, read, 0)
          case .all: read / convert(scope.length(of: time), to: element)
          }
        scope.output(Name.loss, sum(stepLoss, over: [time]))
        scope.output(Name.stepLoss, stepLoss)
        scope.output(Name.stepRead, read)
      }
    }
  }
}
