public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

/// The gradient of a loss to every state and named intermediate, at every step, sample and unit.
///
/// A gate is seen by its name: `sigmoid(…).named("forget")`.
public struct GradientDetail: Sendable, Hashable {
  public struct Value: Sendable, Hashable {
    public var name: String
    /// Whether this is a state, or an intermediate with a name.
    public var isState: Bool
    /// dL/dh_t, over all uses now and later.
    public var total: AdjointSamples
    /// ∂L/∂h_t with the later states of the same recurrence held fixed; nil where it was not asked for.
    public var direct: AdjointSamples?
  }
  public var values: [Value]
  public subscript(name: String) -> Value? { values.first { $0.name == name } }
}

extension GradientFlow {
  /// The gradient at every step, sample and unit of a cell in an experiment.
  public static func gradientDetail(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(), direct: Bool = true
  ) throws(DiagnosticError) -> GradientDetail {
    let recording = try experiment.record(cell)
    return try gradientDetail(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), direct: direct,
      execution: experiment.labExecution)
  }

  /// The gradient at every step, sample and unit of a recording's states and named intermediates over time.
  ///
  /// - Parameters:
  ///   - loss: The name of an output that is a float scalar at each index; it is summed over them.
  ///   - direct: Whether to measure the direct gradients as well.
  ///
  /// Of a state that is clipped inside the recurrence it is the gradient after clipping: what flows on.
  public static func gradientDetail(
    of recording: Recording, loss: String, _ bindings: Bindings, direct: Bool = true,
    execution: LabExecution = LabExecution()
  ) throws(DiagnosticError) -> GradientDetail {
    let axis = try recording.labAxis()
    let node = try recording.labLoss(loss)
    let states = recording.states.map { (name: $0.name, node: $0.value) }
    let intermediates = recording.intermediates.map { (name: $0.name, node: $0.node) }
    let named =
      states
      + intermediates.filter {
        let type = recording.graph.type($0.node)
        return type.element.isFloat && type.domain.contains(axis)
      }
    let flows: [GradientFlow] = direct ? [.total, .direct] : [.total]
    return try diagnosing {
      var graph = recording.graph
      graph.removeOutputs()
      for flow in flows {
        let gradients = try graph.gradients(of: node, withRespectTo: named.map(\.node), flow: flow)
        for (position, value) in named.enumerated() {
          let clipped = gradients.clips.last { $0.node == value.node }?.after
          graph.setOutput("\(flow)/\(value.name)", clipped ?? gradients.adjoints[position])
        }
      }
      let outputs = try LabProgram(graph, over: axis, bindings, execution).run(bindings)
      let values = named.enumerated().map { position, value in
        func samples(_ flow: GradientFlow) -> AdjointSamples {
          guard let tensor = outputs["\(flow)/\(value.name)"] else { preconditionFailure("a missing output") }
          let dimension = recording.graph.dimension(of: axis, in: value.node)
          return AdjointSamples(
            units: recording.graph.type(value.node).shape.count, steps: tensor.rows(over: dimension))
        }
        return GradientDetail.Value(
          name: value.name, isState: position < states.count, total: samples(.total),
          direct: direct ? samples(.direct) : nil)
      }
      return GradientDetail(values: values)
    }
  }
}
