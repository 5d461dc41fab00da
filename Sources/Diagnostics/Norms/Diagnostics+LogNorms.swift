public import EbbGraph
public import EbbRecording
internal import EbbTensors

extension Diagnostics {
  /// log ‖dL/dh_t‖ of the states of a cell in an experiment.
  ///
  /// ```swift
  /// let profile = try Diagnostics.logNorms(SimpleRNN(units: 64), FlowExperiment(length: 5000))
  /// print(profile["h"]!.rate!, profile["h"]!.underflowLag ?? "no underflow")
  /// ```
  public static func logNorms(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> LogNormProfile {
    let recording = try experiment.record(cell)
    return try logNorms(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording),
      run: experiment.run)
  }

  /// log ‖dL/dh_t‖ of the states of a recording.
  ///
  /// - Parameter loss: The name of an output that is a float scalar at each index; it is summed over them.
  /// - Throws: `DiagnosticError.setting` if a gradient has no single step backward: if it is clipped or truncated
  ///   inside the recurrence, if a state's initial value depends on another state, or if steps or samples are mixed
  ///   between the recurrences of a network.
  public static func logNorms(
    of recording: Recording, loss: String, _ bindings: Bindings, run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> LogNormProfile {
    let axis = try recording.timeAxis()
    let node = try recording.output(named: loss)
    let measured = try LogNormGraph(recording, loss: node).graph
    return try Diagnostic("log norms", of: recording, measured) { run in
      LogNormProfile(
        states: recording.states.map { state in
          func rows(_ name: String) -> [[Double]] {
            guard let node = measured.output(named: name) else { preconditionFailure("there is no output \(name)") }
            return run[name].rows(over: measured.dimension(of: axis, in: node))
          }
          let logs = rows(LogNormGraph.outputName(state.name))
          return LogNormProfile.State(
            name: state.name,
            logs: logs.map { $0.map { $0 <= LogNormGraph.logOfZero / 2 ? -.infinity : $0 } },
            plain: rows(LogNormGraph.plainName(state.name)), flowsBackward: state.direction == .forward,
            resolution: recording.graph.type(state.value).element == .float32
              ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude)
        })
    }.run(bindings, run: run)
  }
}
