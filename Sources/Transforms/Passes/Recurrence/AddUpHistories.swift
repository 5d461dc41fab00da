internal import EbbGraph
internal import EbbTensors

/// Writes the adjoint of a history as a sum that grows from step to step, and of which each step takes its own part:
///
///     z_t = Σ_{t′ ≥ t} y_{t′} at t      becomes      a_t = a_{t+1} + y_t,   z_t = a_t at t
///
/// The sum has the length of the sequence at one step, and a sweep keeps it in place: memory in O(T) instead of the
/// O(T²) of all y.
struct AddUpHistories: Pass {
  var name: String { "add-up-histories" }
  var purpose: String { "adds up what a history's readers send back, step by step" }

  func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { graph.operation($0).isHistorySum }) else { return graph }
    var copy = GraphCopy(of: graph)
    for node in graph.nodes {
      guard case .historySum(let time, let along, let isBackward) = graph.operation(node) else {
        copy.append(node)
        continue
      }
      let y = copy[graph.operand(node, 0)]
      let given = copy.graph.type(y)
      let type = NodeType(given.element, given.domain.union(graph.lengthsDomain(of: [time])), given.shape)
      let zero = copy.graph.appendLeaf(.constant(0), NodeType(type.element, .empty, type.shape))
      let before: EbbGraph.Operation = isBackward ? .delay(time, by: 1, truncation: 0) : .advance(time, by: 1)
      let shift = copy.graph.appendUnchecked(before, [.open, zero], type)
      let sum = copy.graph.appendUnchecked(.binary(.add), [shift, y], type)
      copy.graph.setOperand(shift, 0, to: sum)
      let now = copy.graph.append(.axisIndex(time), [])
      let own = copy.graph.appendUnchecked(.pick(along, .at), [sum, now], graph.type(node))
      if let name = graph.name(node) { copy.graph.setName(name, of: own) }
      copy.put(own, for: node)
    }
    return copy.finish()
  }
}

extension EbbGraph.Operation {
  fileprivate var isHistorySum: Bool { if case .historySum = self { true } else { false } }
}
