public import EbbExecution
public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

extension GradientFlow {
  /// Measures how the gradient of an experiment's loss flows back through the states of a cell.
  ///
  /// ```swift
  /// let profile = try GradientFlow.measure(LSTM(units: 64), FlowExperiment(length: 200))
  /// print(profile["c"]!.total.decay!.factor)
  /// ```
  public static func measure(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> GradientProfile {
    let recording = try experiment.record(cell)
    return try measure(
      recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), isUnrolled: experiment.isUnrolled,
      execution: experiment.execution)
  }

  /// Measures how the gradient of an output flows back through the states of a recording.
  ///
  /// - Parameters:
  ///   - loss: The name of an output that is a float scalar at each index. Of a loss for each sample each norm is that of
  ///     the sample's own gradient; of a mean over the samples it is smaller by their number.
  ///   - isUnrolled: Executes the graph with a copy of each equation for every step.
  ///   - direct: Whether to measure the direct gradients as well.
  public static func measure(
    _ recording: Recording, loss: String, _ bindings: Bindings, isUnrolled: Bool = false, direct: Bool = true,
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> GradientProfile {
    guard let node = recording.graph.output(named: loss) else {
      let names = recording.graph.outputs.map(\.name).joined(separator: ", ")
      throw .setting("there is no output named \(loss); the outputs are \(names)")
    }
    guard !recording.states.isEmpty else { throw .setting("the recording has no state: no gradient flows through time") }
    return try diagnosing {
      var graph = recording.graph
      let norms = try GradientNorms(in: &graph, of: node, states: recording.states, direct: direct)
      let outputs = try run(graph, bindings, isUnrolled: isUnrolled, execution)
      let losses = outputs[loss]?.doubles ?? []
      let ragged = bindings.values.filter { name, _ in graph.node(named: name).map(graph.isLengths) ?? false }
      return norms.profile(
        in: graph, outputs: outputs, lengths: ragged, loss: losses.reduce(0, +) / Double(max(1, losses.count)))
    }
  }

  private static func run(
    _ graph: Graph, _ bindings: Bindings, isUnrolled: Bool, _ execution: ExecutionOptions
  ) throws -> [String: Tensor] {
    return try Executable(try Passes.optimized(graph), options: execution).run(bindings)
  }
}

extension Graph {
  /// Whether a node holds the lengths of a ragged axis.
  fileprivate func isLengths(_ node: NodeID) -> Bool { axes.contains { $0.lengths == node } }
}
