internal import EbbGraph
internal import EbbTensors

/// Which values a recurrence keeps for those who read them at all steps.
///
/// A kernel of an accelerator costs more than the numbers that it computes, and each value that is kept costs writing and
/// reading it. So a value that only elementwise work reads later is not kept if functions of fewer others give it, as the
/// gates of an LSTM from the one sum that all four come from. What to keep instead is a minimum cut between what the steps
/// compute otherwise, such as products, and what is read.
extension HLOTranslation {
  /// The values to keep in place of `wanted`, which elementwise work reads; what is computed again from them is noted.
  ///
  /// - Parameters:
  ///   - kept: What is kept in any case.
  ///   - axes: Those of the recurrence.
  mutating func replaced(_ wanted: [NodeID], kept: Set<NodeID>, _ component: Int, _ axes: Domain) -> [NodeID] {
    if wanted.isEmpty { return [] }
    let numbers = wanted.map { graph.type($0).shape.count }
    // A value costs its numbers, and once more the average for being one.
    let each = max(1, numbers.reduce(0, +) / numbers.count)
    func isMember(_ node: NodeID) -> Bool { components[node] == component }
    func isFree(_ node: NodeID) -> Bool { kept.contains(node) || !axes.isSubset(of: graph.type(node).domain) }
    func isInside(_ node: NodeID) -> Bool { isMember(node) || sunk[node] == component }

    var (vertices, places): ([NodeID], [NodeID: Int]) = ([], [:])
    var next = 0
    func add(_ node: NodeID) {
      guard places[node] == nil, !isFree(node) else { return }
      places[node] = vertices.count
      vertices.append(node)
    }
    for node in wanted { add(node) }
    while next < vertices.count {
      if isInside(vertices[next]), isRepeatable(vertices[next]) { graph.operands(vertices[next]).forEach(add) }
      next += 1
    }
    var problem = MinimumCut(
      costs: vertices.map { node in
        // Delays are kept with what they read, and what sinks into the steps is written nowhere else.
        let isDelay = isMember(node) && graph.operation(node).shift != nil
        if isDelay || sunk[node] == component { return MinimumCut.unlimited }
        return graph.type(node).shape.count + each
      })
    for (place, node) in vertices.enumerated() {
      if isInside(node), isRepeatable(node) {
        for operand in graph.operands(node) { if let from = places[operand] { problem.addEdge(from, place) } }
      } else {
        problem.addSource(place)
      }
    }
    for node in wanted { if let place = places[node] { problem.addSink(place) } }
    let (cut, behind) = problem.solve()
    repeated.formUnion(behind.map { vertices[$0] })
    return cut.map { vertices[$0] }.filter(isMember)
  }

  /// Whether a value may be computed twice: cheap work without jumps, for which rounding is the only difference.
  private func isRepeatable(_ node: NodeID) -> Bool {
    switch graph.operation(node).kind {
    case .elementwise: graph.operation(node).traits.differentiable != .none
    case .identity, .copy, .rearrangement: graph.operation(node).crossedAxes.isEmpty
    case .leaf, .number, .selection, .product, .reduction, .mixing, .shift: false
    }
  }

  /// Whether those who read a value outside of a recurrence may compute it again: all are elementwise work, and none leads
  /// to a comparison or another jump, which could fall on the other side.
  func isOnlyBlended(_ node: NodeID, outside component: Int) -> Bool {
    var (seen, waiting): (Set<NodeID>, [NodeID]) = ([], [node])
    while let value = waiting.popLast() {
      for reader in readers[value] where live.contains(reader) && (value != node || components[reader] != component) {
        switch graph.operation(reader).kind {
        case .elementwise: if graph.operation(reader).traits.differentiable == .none { return false }
        case .identity, .copy, .rearrangement: if value == node, !isRepeatable(reader) { return false }
        case .leaf, .number, .selection, .product, .reduction, .mixing, .shift:
          if value == node { return false }
          continue
        }
        if seen.insert(reader).inserted { waiting.append(reader) }
      }
    }
    return !graph.outputs.contains { $0.node == node }
  }
}
