internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

extension Recording {
  /// The first clip or truncation between the states that a step reads and those that it computes; nil if there is
  /// none.
  var markInRecurrence: NodeID? {
    graph.marks(from: states.map(\.previous), to: states.map(\.value)).first
  }

  /// The effect of a clip or a truncated delay on a gradient, and where it was requested.
  func wording(ofMark node: NodeID) -> String {
    let state = states.first { $0.value == node || $0.previous == node }?.name
    let name = state ?? graph.name(node) ?? "%\(node.index)"
    if case .delay(let axis, _, let truncation) = graph.operation(node) {
      return "the gradient of \(name) is truncated every \(truncation) steps\(remark(axis))"
    }
    guard case .clipGradient(let clip) = graph.operation(node) else {
      preconditionFailure("\(name) is no mark of a derivative")
    }
    switch clip {
    case .norm(let limit, _): return "the gradient of \(name) is clipped at the norm \(limit)\(remark(node))"
    case .value(let limit): return "the gradient of \(name) is clipped at the value \(limit)\(remark(node))"
    }
  }
}
