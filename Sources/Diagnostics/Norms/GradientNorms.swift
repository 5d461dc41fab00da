public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTransforms

/// The outputs of a graph that hold ‖dL/dh_t‖ of every state, at each step and sample.
///
/// They can be added to any graph with a loss, also to a training step: they reduce nodes that the backward sweep
/// computes anyway.
public struct GradientNorms: Sendable {
  /// A scalar over the state's time and samples, as a run returns it.
  struct NormOutput: Sendable {
    var name: String
    /// The tensor's dimension for the state's time axis.
    var timeDimension: Int
    /// The input that holds the lengths of a ragged time axis.
    var lengths: String?
  }
  struct StateOutputs: Sendable {
    var state: String
    var flowsBackward: Bool
    var element: ElementType
    var total: NormOutput
    var direct: NormOutput?
  }
  /// The adjoint before and after a clip inside the recurrence.
  struct ClipOutputs: Sendable {
    var state: String
    var flowsBackward: Bool
    var before: NormOutput
    var after: NormOutput
  }

  private(set) var states: [StateOutputs] = []
  private(set) var clips: [ClipOutputs] = []

  /// Appends dL/dh for these states and outputs its norms.
  ///
  /// - Parameters:
  ///   - graph: The graph of the loss, which receives the gradients and the outputs.
  ///   - loss: A float scalar. If it has axes it is summed over them, so for a loss per sample each norm is that of the
  ///     sample's own gradient.
  ///   - states: The states of a recording of this graph.
  ///   - direct: Whether to output the direct gradients as well, which need their own backward sweep.
  ///
  /// The gradient of a state that is clipped inside the recurrence is the clipped one, which propagates further.
  public init(
    in graph: inout Graph, of loss: NodeID, states: [StateDescription], direct: Bool = true
  ) throws(GraphError) {
    let values = states.map(\.value)
    let total = try graph.gradients(of: loss, withRespectTo: values, dependence: .total)
    let directs = direct ? try graph.gradients(of: loss, withRespectTo: values, dependence: .direct) : nil
    self.init(in: &graph, states: states, total: total, direct: directs)
  }

  /// Outputs the norms of gradients that the graph already has.
  ///
  /// So a training step gets them from its own backward sweep: pass parameters and states to one call of `gradients`.
  ///
  /// - Parameters:
  ///   - graph: The graph with the gradients, which receives the outputs.
  ///   - states: The states of a recording of this graph.
  ///   - total: The adjoints of the states' values, in the order of the states.
  ///   - directs: The direct gradients in the same form, if there are any.
  public init(in graph: inout Graph, states: [StateDescription], total: Gradients, direct directs: Gradients? = nil) {
    let coordinates = graph.coordinateAxes
    func output(_ name: String, _ node: NodeID, _ state: StateDescription) -> NormOutput {
      let norm = graph.appendNorm(of: node, along: coordinates)
      graph.setOutput(name, norm)
      return NormOutput(
        name: name, timeDimension: Array(graph.type(norm).domain).firstIndex(of: state.axis) ?? 0,
        lengths: graph.description(of: state.axis).lengths.flatMap { graph.name($0) })
    }
    for (index, state) in states.enumerated() {
      self.states.append(
        StateOutputs(
          state: state.name, flowsBackward: state.direction == .forward, element: graph.type(state.value).element,
          total: output("gradient/total/\(state.name)", total.adjoints[index], state),
          direct: directs.map { output("gradient/direct/\(state.name)", $0.adjoints[index], state) }))
      guard let clip = total.clips.last(where: { $0.node == state.value }) else { continue }
      clips.append(
        ClipOutputs(
          state: state.name, flowsBackward: state.direction == .forward,
          before: output("clip/before/\(state.name)", clip.before, state),
          after: output("clip/after/\(state.name)", clip.after, state)))
    }
  }
}
