internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension Diagnostics {
  /// log ‖dL/dh_t‖ of the states of a network.
  ///
  /// ```swift
  /// let norms = try Diagnostics.logNorms(of: FlowExperiment(length: 5000).trial(of: SimpleRNN(units: 64)))
  /// print(norms["h"]!.rate!, norms["h"]!.underflowLag ?? "no underflow")
  /// ```
  ///
  /// In a network that reads its own past the gradient comes from all later steps at once. Its logarithms are those of
  /// the gradient itself, which underflows where it leaves the range of its element type.
  ///
  /// - Parameter trial: Its loss is a float scalar at each index; it is summed over them.
  /// - Throws: `DiagnosticError.setting` if a gradient has no single step backward: if it is clipped or truncated
  ///   inside the recurrence, if a state's initial value depends on another state, or if steps or samples are mixed
  ///   between the recurrences of a network.
  public static func logNorms(of trial: Trial) throws(DiagnosticError) -> LogNorms {
    let recording = trial.recording
    let axis = try recording.timeAxis()
    let node = try recording.output(named: trial.loss)
    let measured = try diagnosing(recording) {
      // What a step reads of its own past has no single step backward.
      recording.graph.firstHistory == nil
        ? try LogNormGraph(recording, loss: node).graph : try LogNormGraph.plain(recording, loss: node)
    }
    return try Diagnostic("log norms", of: recording, measured) { run in
      LogNorms(
        states: recording.states.map { state in
          var lengths: [Int]?
          func rows(_ name: String) -> [[Double]] {
            guard let node = measured.output(named: name) else { preconditionFailure("there is no output \(name)") }
            let tensor = run[name]
            lengths = measured.sampleLengths(along: axis, in: node, sizes: tensor.dimensions, run.inputs)
            return tensor.rows(over: measured.dimension(of: axis, in: node)).enumerated().map { step, row in
              lengths.map { lengths in row.indices.map { step < lengths[$0] ? row[$0] : .nan } } ?? row
            }
          }
          let logs = rows(LogNormGraph.outputName(state.name))
          return LogNorms.State(
            name: state.name,
            logs: logs.map { $0.map { $0 <= LogNormGraph.logOfZero / 2 ? -.infinity : $0 } },
            plain: rows(LogNormGraph.plainName(state.name)), flowsBackward: state.direction == .forward,
            resolution: recording.graph.type(state.value).element.leastNormal, lengths: lengths)
        })
    }.run(trial.bindings, run: trial.run)
  }
}
