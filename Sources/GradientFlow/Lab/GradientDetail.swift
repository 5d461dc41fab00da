public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

/// The gradient of a loss to every state and named intermediate, at every step, sample and unit.
///
/// A gate is seen by its name: `sigmoid(…).named("forget")`.
public struct GradientDetail: Sendable, Hashable {
  /// The gradients of one value.
  public struct Value: Sendable, Hashable {
    /// The name of the state or intermediate.
    public var name: String
    /// Whether this is a state, or an intermediate with a name.
    public var isState: Bool
    /// dL/dh_t, over all uses now and later.
    public var total: AdjointSamples
    /// ∂L/∂h_t with the later states of the same recurrence held fixed; nil where it was not asked for.
    public var direct: AdjointSamples?
  }
  /// The values that were measured.
  public var values: [Value]
  /// The value of this name, if there is one.
  public subscript(name: String) -> Value? { values.first { $0.name == name } }
}

extension GradientFlow {
  /// The gradient at every step, sample and unit of a cell in an experiment.
  public static func gradientDetail(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(), names: [String]? = nil,
    direct: Bool = true
  ) throws(DiagnosticError) -> GradientDetail {
    let recording = try experiment.record(cell)
    return try gradientDetail(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), names: names, direct: direct,
      execution: experiment.labExecution)
  }

  /// The gradient at every step, sample and unit of a recording's states and named intermediates over time.
  ///
  /// - Parameters:
  ///   - loss: The name of an output that is a float scalar at each index; it is summed over them.
  ///   - names: The states and intermediates to measure, in this order; nil for all.
  ///   - direct: Whether to measure the direct gradients as well.
  ///
  /// Of a state that is clipped inside the recurrence it is the gradient after clipping: what flows on.
  public static func gradientDetail(
    of recording: Recording, loss: String, _ bindings: Bindings, names: [String]? = nil, direct: Bool = true,
    execution: LabExecution = LabExecution()
  ) throws(DiagnosticError) -> GradientDetail {
    let axis = try recording.labAxis()
    let node = try recording.labLoss(loss)
    let named = try recording.measurable(over: axis, names)
    try recording.checkInputs(bindings)
    return try diagnosing(recording) {
      var graph = recording.graph
      graph.removeOutputs()
      let reading = try GradientDetail.Outputs(in: &graph, of: node, named, over: axis, direct: direct)
      return reading.detail(try LabProgram(graph, over: axis, bindings, execution).run(bindings))
    }
  }
}
