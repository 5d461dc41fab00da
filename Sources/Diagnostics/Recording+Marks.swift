internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

extension Recording {
  /// The first clip or truncation on the way from the states that a step reads to those that it makes; nil if there is none.
  var markInRecurrence: NodeID? {
    graph.marks(from: states.map(\.previous), to: states.map(\.value)).first
  }

  /// What a clip or a truncated delay does to which gradient, and where that was asked for.
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
    case .norm(let limit): return "the gradient of \(name) is clipped at the norm \(limit)\(remark(node))"
    case .value(let limit): return "the gradient of \(name) is clipped at the value \(limit)\(remark(node))"
    }
  }
}
