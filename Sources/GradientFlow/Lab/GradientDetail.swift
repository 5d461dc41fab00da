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
      let values = named.map { value in
        func samples(_ flow: GradientFlow) -> AdjointSamples {
          guard let tensor = outputs["\(flow)/\(value.name)"] else { preconditionFailure("a missing output") }
          let dimension = recording.graph.dimension(of: axis, in: value.node)
          return AdjointSamples(
            units: recording.graph.type(value.node).shape.count, steps: tensor.rows(over: dimension))
        }
        return GradientDetail.Value(
          name: value.name, isState: value.isState, total: samples(.total),
          direct: direct ? samples(.direct) : nil)
      }
      return GradientDetail(values: values)
    }
  }
}

/// A state or a named intermediate.
private struct MeasurableNode {
  var name: String
  var node: NodeID
  var isState: Bool
}

extension Recording {
  /// The states and the named float intermediates over time, or those of these names.
  fileprivate func measurable(over axis: Axis, _ names: [String]?) throws(DiagnosticError) -> [MeasurableNode] {
    let named = intermediates.filter {
      graph.type($0.node).element.isFloat && graph.type($0.node).domain.contains(axis)
    }
    let all =
      states.map { MeasurableNode(name: $0.name, node: $0.value, isState: true) }
      + named.map { MeasurableNode(name: $0.name, node: $0.node, isState: false) }
    guard let names else { return all }
    return try names.map { name throws(DiagnosticError) in
      if let node = all.first(where: { $0.name == name }) { return node }
      throw .setting(
        "there is no state or named intermediate \(name); there are \(all.map(\.name).joined(separator: ", "))")
    }
  }
}
