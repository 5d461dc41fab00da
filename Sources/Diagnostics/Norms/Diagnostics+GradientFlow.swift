public import EbbRecording
internal import EbbGraph
internal import EbbTensors

extension Diagnostic where Result == GradientFlow {
  /// The flow of an output's gradient back through the states of a recording.
  ///
  /// - Parameters:
  ///   - recording: A network with at least one state.
  ///   - loss: The name of an output that is a float scalar at each index. For a loss per sample each norm is that of
  ///     the sample's own gradient; for a mean over the samples it is smaller by their number.
  ///   - direct: Whether to measure the direct gradients as well.
  ///   - scale: A factor on all norms: for a loss that is a mean over B samples, B gives the norms of each sample's own
  ///     gradient.
  public static func gradientFlow(
    of recording: Recording, loss: String = "loss", direct: Bool = true, scale: Double = 1
  ) throws(DiagnosticError) -> Diagnostic {
    let name = "gradient flow of \(loss)" + (direct ? ", direct too" : "")
    guard !recording.states.isEmpty else {
      throw .setting("the recording has no state: no gradient flows through time" + recording.graph.keptPast)
    }
    return try Diagnostic(name, of: recording, loss: loss) { graph, node throws(GraphError) in
      let norms = try GradientNorms(in: &graph, of: node, states: recording.states, direct: direct)
      graph.setOutput(loss, node)
      return { run in
        let losses = run[loss].doubles
        return norms.flow(
          run.outputs, inputs: run.inputs, loss: losses.reduce(0, +) / Double(max(1, losses.count)), scale: scale)
      }
    }
  }
}

extension Diagnostics {
  /// Measures how the gradient of a loss flows back through the states of a network; see `Diagnostic.gradientFlow`.
  ///
  /// ```swift
  /// let flow = try Diagnostics.gradientFlow(of: FlowExperiment(length: 200).trial(of: LSTM(units: 64)))
  /// print(flow["c"]!.total.decay!.factor)
  /// ```
  public static func gradientFlow(
    of trial: Trial, direct: Bool = true
  ) throws(DiagnosticError) -> GradientFlow {
    try Diagnostic.gradientFlow(of: trial.recording, loss: trial.loss, direct: direct)
      .run(trial.bindings, run: trial.run)
  }
}

extension Graph {
  /// What a network without a state has of its past instead, in words.
  fileprivate var keptPast: String {
    let kept = nodes.filter { operation($0).historyAxes != nil }.map { name(operand($0, 0)) ?? "a value" }
    if kept.isEmpty { return "" }
    let names = kept.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return
      "; it keeps the past of \(names.joined(separator: ", ")), so that a loss reaches every earlier step at once: "
      + "ebb check compares these gradients, and ebb graph --emit gradient --format listing has their equations"
  }
}
