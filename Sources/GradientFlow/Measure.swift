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
      recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording),
      isUnrolled: experiment.isUnrolled, execution: experiment.execution)
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
    guard let state = recording.states.first else {
      throw .setting("the recording has no state: no gradient flows through time")
    }
    try recording.checkInputs(bindings)
    return try diagnosing(recording) {
      var graph = recording.graph
      let norms = try GradientNorms(in: &graph, of: node, states: recording.states, direct: direct)
      let outputs =
        isUnrolled
        ? try runUnrolled(graph, over: state.axis, bindings, execution) : try run(graph, bindings, execution)
      let losses = outputs[loss]?.doubles ?? []
      return norms.profile(
        outputs, inputs: bindings.values, loss: losses.reduce(0, +) / Double(max(1, losses.count)))
    }
  }

  private static func run(
    _ graph: Graph, _ bindings: Bindings, _ execution: ExecutionOptions
  ) throws -> [String: Tensor] {
    try Executable(try Passes.optimized(graph), options: execution).run(bindings)
  }

  /// As `run`, with a copy of each equation for every step.
  private static func runUnrolled(
    _ graph: Graph, over axis: Axis, _ bindings: Bindings, _ execution: ExecutionOptions
  ) throws -> [String: Tensor] {
    let steps = try graph.lengths(for: bindings)[axis.index]
    let flat = try graph.unrolled(axis, steps: steps)
    let outputs = try run(flat, try graph.unrolledBindings(bindings, over: axis, steps: steps), execution)
    return graph.rolledOutputs(outputs, over: axis, steps: steps)
  }
}
