internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
public import EbbTransforms

extension Probe {
  /// ‖dL/dhₜ‖₂ at each step t for every state h of the recording, under the state's name: a Float64 vector over time.
  ///
  /// The norm is over features and samples together. It is taken in Float64, because the squares of vanishing Float32
  /// gradients would be 0 where the gradients are not.
  public static func gradientNorms(flow: GradientFlow = .total) -> Probe {
    Probe("gradient norms, \(flow)") { graph, recording, loss throws(GraphError) in
      let states = recording.states
      let gradients = try graph.gradient(of: loss, withRespectTo: states.map(\.value), flow: flow)
      return zip(states, gradients).map { state, gradient in
        Graph.Output(name: state.name, node: graph.norm(gradient, at: state.axis))
      }
    }
  }
}

extension Graph {
  /// √Σ x² over everything but one axis, in Float64.
  fileprivate mutating func norm(_ x: NodeID, at axis: Axis) -> NodeID {
    let wide = type(x).element == .float64 ? x : append(.convert(.float64), [x])
    var sum = append(.unary(.square), [wide])
    while type(sum).shape.rank > 0 { sum = append(.reduceFeatures(.sum, dimension: 0), [sum]) }
    let others = type(sum).domain.removing(axis)
    if !others.isEmpty { sum = append(.reduceAxes(.sum, over: others), [sum]) }
    return append(.unary(.sqrt), [sum])
  }
}
