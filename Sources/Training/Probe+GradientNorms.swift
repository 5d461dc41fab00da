internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
public import EbbTransforms

extension Probe {
  /// ‖dL/dhₜ‖₂ at each step t for every state h of the recording, under the state's name: a Float64 vector over time.
  ///
  /// The norm is over features and samples together, right for all gradients that are not 0 and finite.
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
  /// ‖x‖₂ over everything but one axis, in Float64: m √Σ (n / m)² of the norms n at each index, with m = max n.
  fileprivate mutating func norm(_ x: NodeID, at axis: Axis) -> NodeID {
    let wide = type(x).element == .float64 ? x : append(.convert(.float64), [x])
    let norm = appendNorm(of: wide)
    let others = type(norm).domain.removing(axis)
    if others.isEmpty { return norm }
    let largest = append(.reduceAxes(.max, over: others), [norm])
    let isUsable = binary(.and, compare(.greater, largest, constant(0, like: norm)), unary(.isFinite, largest))
    let scale = select(isUsable, largest, constant(1, like: norm))
    let squares = unary(.square, divide(norm, scale))
    let root = append(.unary(.sqrt), [append(.reduceAxes(.sum, over: others), [squares])])
    return multiply(scale, root)
  }
}
