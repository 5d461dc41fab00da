internal import EbbCells
public import EbbGraph
public import EbbRecording
internal import EbbTensors

extension Recording {
  /// A network for a task: the cell over `x`, and a linear read-out after the last step or at every step.
  ///
  /// The inputs are those of the task's batches. Outputs: `prediction`, numbers or the logits of classes; `loss`, a
  /// mean over samples and answers; `accuracy`, the fraction of judged answers that are right; `wrong`, the fraction of
  /// sequences with a wrong judged answer.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - task: Its features are the width of `x`; its kind of answer determines the read-out and the loss.
  ///   - clip: Clips the gradient of the states inside the recurrence; nil for not.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public static func network(
    _ cell: some RecurrentCell, for task: some SequenceTask, clip: GradientClip? = nil, fileID: String = #fileID,
    line: Int = #line
  ) throws(RecordingError) -> Recording {
    try Recording(fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      let x = scope.input("x", [task.features], over: [time, batch], fileID: fileID, line: line)
      let inner = clip.map { scope.clipping($0) } ?? scope
      let h = inner.run(cell, x, fileID: fileID, line: line)
      let readout = Dense(units: task.answer.outputs)
      let right: Signal
      let judged: Signal
      switch task.answer {
      case .number(let tolerance):
        let target = scope.input("target", [1], over: [batch], fileID: fileID, line: line)
        let prediction = scope.run(readout, last(h, along: time), named: "readout", fileID: fileID, line: line)
        scope.output("prediction", prediction)
        scope.output("loss", meanSquaredError(prediction, target))
        right = number(sumOverFeatures(abs(prediction - target)) .<= tolerance)
        judged = scope.constant(1)
      case .label:
        let target = scope.input("target", over: [batch], as: .int32, fileID: fileID, line: line)
        let logits = scope.run(readout, last(h, along: time), named: "readout", fileID: fileID, line: line)
        scope.output("prediction", logits)
        scope.output("loss", crossEntropy(logits, target))
        right = number(argmax(logits) .== target)
        judged = scope.constant(1)
      case .labels:
        let target = scope.input("target", over: [time, batch], as: .int32, fileID: fileID, line: line)
        let mask = scope.input("judged", over: [time, batch], as: .bool, fileID: fileID, line: line)
        let logits = scope.run(readout, h, named: "readout", fileID: fileID, line: line)
        scope.output("prediction", logits)
        scope.output("loss", crossEntropy(logits, target))
        right = sum(number(mask .& (argmax(logits) .== target)), over: [time])
        judged = sum(number(mask), over: [time])
      }
      // A sequence without judged answers would divide 0 by 0; a task judges at least one answer of each.
      scope.output("accuracy", mean(right / judged))
      scope.output("wrong", mean(number(right .< judged)))
    }
  }
}

/// 1 for true and 0 for false.
private func number(_ condition: Signal) -> Signal { convert(condition, to: .float32) }
