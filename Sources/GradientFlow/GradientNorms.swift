public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The outputs of a graph that hold ‖dL/dh_t‖ of every state, at each step and sample.
///
/// Any graph with a loss can carry them, a training step's too: they are reductions of nodes that the backward sweep
/// computes anyway.
public struct GradientNorms: Sendable {
  /// One state and its norms: scalars over the state's axes.
  struct StateOutputs: Sendable {
    var state: StateDescription
    var total: String
    var direct: String?
  }
  /// One clipping node and the norms of the adjoint before and after it.
  struct ClipOutputs: Sendable {
    var name: String
    var before: String
    var after: String
  }

  private(set) var states: [StateOutputs] = []
  private(set) var clips: [ClipOutputs] = []

  /// Appends dL/dh for these states and asks for its norms.
  ///
  /// - Parameters:
  ///   - loss: A float scalar; with a domain it is summed over it, so that of a loss for each sample each norm is that
  ///     of the sample's own gradient.
  ///   - direct: Whether to ask for the direct gradients as well, which need a backward sweep of their own.
  ///
  /// The gradient of a state that is clipped inside the recurrence is the one after clipping: what flows on.
  public init(
    in graph: inout Graph, of loss: NodeID, states: [StateDescription], direct: Bool = true
  ) throws(GraphError) {
    let values = states.map(\.value)
    let total = try graph.gradients(of: loss, withRespectTo: values, flow: .total)
    let directs = direct ? try graph.gradients(of: loss, withRespectTo: values, flow: .direct) : nil
    for (index, state) in states.enumerated() {
      var outputs = StateOutputs(state: state, total: "gradient/total/\(state.name)")
      graph.setOutput(outputs.total, graph.appendNorm(of: total.passedOn(index, from: state.value)))
      if let directs {
        let name = "gradient/direct/\(state.name)"
        graph.setOutput(name, graph.appendNorm(of: directs.passedOn(index, from: state.value)))
        outputs.direct = name
      }
      self.states.append(outputs)
    }
    for (index, clip) in total.clips.enumerated() {
      let outputs = ClipOutputs(
        name: graph.name(clip.node) ?? "%\(clip.node.index)", before: "clip/\(index)/before",
        after: "clip/\(index)/after")
      graph.setOutput(outputs.before, graph.appendNorm(of: clip.before))
      graph.setOutput(outputs.after, graph.appendNorm(of: clip.after))
      clips.append(outputs)
    }
  }
}

extension Gradients {
  /// The adjoint that flows on from a node: after clipping, if the node clips.
  fileprivate func passedOn(_ position: Int, from node: NodeID) -> NodeID {
    clips.last { $0.node == node }?.after ?? adjoints[position]
  }
}

extension Graph {
  /// ‖x‖₂ over all features, in Float64: the squares of a gradient that has all but vanished are below any Float32.
  fileprivate mutating func appendNorm(of node: NodeID) -> NodeID {
    var value = node
    if type(value).element == .float32 { value = append(.convert(.float64), [value]) }
    value = append(.unary(.square), [value])
    if type(value).shape.rank > 1 { value = append(.reshape([type(value).shape.count]), [value]) }
    if type(value).shape.rank == 1 { value = append(.reduceFeatures(.sum, dimension: 0), [value]) }
    return append(.unary(.sqrt), [value])
  }
}
