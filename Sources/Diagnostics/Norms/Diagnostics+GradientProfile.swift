public import EbbRecording
public import EbbGraph
internal import EbbTensors

extension Diagnostic where Result == GradientProfile {
  /// The flow of an output's gradient back through the states of a recording.
  ///
  /// - Parameters:
  ///   - loss: The name of an output that is a float scalar at each index. For a loss per sample each norm is that of
  ///     the sample's own gradient; for a mean over the samples it is smaller by their number.
  ///   - direct: Whether to measure the direct gradients as well.
  ///   - scale: A factor on all norms: for a loss that is a mean over B samples, B gives the norms of each sample's own
  ///     gradient.
  public static func gradientProfile(
    of recording: Recording, loss: String = "loss", direct: Bool = true, scale: Double = 1
  ) throws(DiagnosticError) -> Diagnostic {
    let name = "gradient profile of \(loss)" + (direct ? ", direct too" : "")
    guard !recording.states.isEmpty else {
      throw .setting("the recording has no state: no gradient flows through time")
    }
    return try Diagnostic(name, of: recording, loss: loss) { graph, node throws(GraphError) in
      let norms = try GradientNorms(in: &graph, of: node, states: recording.states, direct: direct)
      graph.setOutput(loss, node)
      return { run in
        let losses = run[loss].doubles
        return norms.profile(
          run.outputs, inputs: run.inputs, loss: losses.reduce(0, +) / Double(max(1, losses.count)), scale: scale)
      }
    }
  }
}

extension Diagnostics {
  /// Measures how the gradient of an experiment's loss flows back through the states of a cell.
  ///
  /// ```swift
  /// let profile = try Diagnostics.gradientProfile(LSTM(units: 64), FlowExperiment(length: 200))
  /// print(profile["c"]!.total.decay!.factor)
  /// ```
  public static func gradientProfile(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> GradientProfile {
    let recording = try experiment.record(cell)
    return try gradientProfile(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), run: experiment.run)
  }

  /// Measures how the gradient of an output flows back through the states of a recording; see
  /// `Diagnostic.gradientProfile`.
  public static func gradientProfile(
    of recording: Recording, loss: String, _ bindings: Bindings, direct: Bool = true, run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> GradientProfile {
    try Diagnostic.gradientProfile(of: recording, loss: loss, direct: direct).run(bindings, run: run)
  }
}
