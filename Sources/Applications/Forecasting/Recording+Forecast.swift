internal import EbbGraph
package import EbbRecording
package import EbbTraining

extension Recording {
  /// A network that reads a window of columns and outputs the change of one of them over 1, 2, … steps, each in its own
  /// unit:
  ///
  ///     o = W h_T + b
  ///
  /// The read-out starts with small weights and no bias, so the first forecast is nearly "no change", the baseline to
  /// beat. The outputs are `change` and `loss`, its mean squared error from the input `target`.
  package static func forecast(
    _ cell: some RecurrentCell, columns: Int, horizon: Int, fileID: String, line: Int
  ) throws(TrainingError) -> Recording {
    do {
      return try Recording(fileID: fileID, line: line) { scope in
        let time = scope.time("t")
        let batch = scope.batch("b")
        let x = scope.input("x", [columns], over: [time, batch])
        let h = last(scope.run(cell, x, fileID: fileID, line: line), along: time)
        let change = scope.affine("readout", [h], horizon, weights: [.normal(deviation: 0.01)])
        scope.output("change", change)
        let target = scope.input("target", [horizon], over: [batch])
        scope.output("loss", meanSquaredError(change, target))
      }
    } catch {
      throw .recording(error)
    }
  }
}
