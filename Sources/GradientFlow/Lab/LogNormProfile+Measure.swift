public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

extension GradientFlow {
  /// log ‖dL/dh_t‖ of the states of a cell in an experiment.
  ///
  /// ```swift
  /// let profile = try GradientFlow.logNorms(SimpleRNN(units: 64), FlowExperiment(length: 5000))
  /// print(profile["h"]!.rate!, profile["h"]!.underflowLag ?? "no underflow")
  /// ```
  public static func logNorms(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> LogNormProfile {
    let recording = try experiment.record(cell)
    return try logNorms(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording),
      execution: experiment.labExecution)
  }

  /// log ‖dL/dh_t‖ of the states of a recording.
  ///
  /// - Parameter loss: The name of an output that is a float scalar at each index; it is summed over them.
  /// - Throws: `DiagnosticError.setting` where a gradient has no single step backward: where it is clipped or truncated
  ///   inside the recurrence, where a state begins with a value of another one, or where steps or samples are mixed
  ///   between the recurrences of a network.
  public static func logNorms(
    of recording: Recording, loss: String, _ bindings: Bindings, execution: LabExecution = LabExecution()
  ) throws(DiagnosticError) -> LogNormProfile {
    let axis = try recording.labAxis()
    let node = try recording.labLoss(loss)
    let measurement = try LogNormGraph(recording, loss: node)
    try recording.checkInputs(bindings)
    return try diagnosing(recording) {
      let outputs = try LabProgram(measurement.graph, over: axis, bindings, execution).run(bindings)
      let states = recording.states.map { state in
        func rows(_ name: String) -> [[Double]] {
          guard let tensor = outputs[name], let node = measurement.graph.output(named: name) else {
            preconditionFailure("the run has no output \(name)")
          }
          return tensor.rows(over: measurement.graph.dimension(of: axis, in: node))
        }
        let logs = rows(LogNormGraph.outputName(state.name))
        return LogNormProfile.State(
          name: state.name,
          logs: logs.map { $0.map { $0 <= LogNormGraph.logOfZero / 2 ? -.infinity : $0 } },
          plain: rows(LogNormGraph.plainName(state.name)), flowsBackward: state.direction == .forward,
          resolution: recording.graph.type(state.value).element == .float32
            ? Double(Float.leastNormalMagnitude) : .leastNormalMagnitude)
      }
      return LogNormProfile(states: states)
    }
  }
}
