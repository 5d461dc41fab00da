internal import EbbCells
internal import EbbGraph
public import EbbRecording
public import EbbTensors

extension Recording {
  /// A network with one result per sequence: the cell over `x`, its output at the last step, and a read-out.
  ///
  /// Inputs `x` of [T, B, features] and `target` of [B, outputs]; outputs `prediction` of [B, outputs] and `loss`, the
  /// mean squared error.
  public static func sequenceToOne(
    _ cell: some RecurrentCell, features: Int, outputs: Int = 1, element: ElementType = .float32,
    fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) -> Recording {
    try answering(cell, atEachStep: false, features, outputs, element, fileID, line)
  }

  /// A network with a result at every step: the cell over `x`, and a read-out over time.
  ///
  /// Inputs `x` of [T, B, features] and `target` of [T, B, outputs]; outputs `prediction` of [T, B, outputs] and
  /// `loss`, the mean squared error over steps and samples.
  public static func sequenceToSequence(
    _ cell: some RecurrentCell, features: Int, outputs: Int = 1, element: ElementType = .float32,
    fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) -> Recording {
    try answering(cell, atEachStep: true, features, outputs, element, fileID, line)
  }

  private static func answering(
    _ cell: some RecurrentCell, atEachStep: Bool, _ features: Int, _ outputs: Int, _ element: ElementType,
    _ fileID: String, _ line: Int
  ) throws(RecordingError) -> Recording {
    try Recording(element: element, fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      let x = scope.input("x", [features], over: [time, batch], fileID: fileID, line: line)
      let target = scope.input(
        "target", [outputs], over: atEachStep ? [time, batch] : [batch], fileID: fileID, line: line)
      let states = scope.run(cell, x, fileID: fileID, line: line)
      let h = atEachStep ? states : last(states, along: time, fileID: fileID, line: line)
      let prediction = scope.run(Dense(units: outputs), h, named: "readout", fileID: fileID, line: line)
      scope.output("prediction", prediction, fileID: fileID, line: line)
      scope.output(
        "loss", meanSquaredError(prediction, target, fileID: fileID, line: line), fileID: fileID, line: line)
    }
  }
}
