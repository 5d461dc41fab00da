internal import EbbGraph
internal import EbbRecording
package import EbbTensors
package import EbbTraining
package import EbbTransforms

extension Trainer {
  /// ‖dL/dhₜ‖₂ on a batch, at each step t, for every state h of the recording, by the state's name.
  ///
  /// The norm is over features and samples together, in Float64, accurate for all nonzero finite gradients.
  ///
  /// - Parameter parameters: Other parameters than the trainer's.
  package func jointGradientNorms(
    on batch: [String: Tensor], parameters: [String: Tensor]? = nil, dependence: Dependence = .total
  ) throws(TrainingError) -> [String: [Double]] {
    let states = recording.states
    var graph = recording.graph
    graph.removeOutputs()
    guard let loss = recording.graph.output(named: loss) else { preconditionFailure("the loss is an output") }
    do {
      let gradients = try graph.gradient(of: loss, withRespectTo: states.map(\.value), dependence: dependence)
      for (state, gradient) in zip(states, gradients) {
        graph.setOutput(state.name, graph.norm(gradient, at: state.axis))
      }
    } catch {
      throw .differentiation(recording.locating(error))
    }
    return try run(graph, named: "gradient norms", on: batch, parameters: parameters).mapValues(\.doubles)
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
