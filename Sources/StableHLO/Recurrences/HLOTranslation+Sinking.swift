internal import EbbGraph

/// What is computed in the steps of a recurrence that it is no part of.
extension HLOTranslation {
  /// For each such value the component of the recurrence.
  static func sunk(
    _ graph: Graph, _ components: Components, _ readers: Readers, _ live: NodeSet
  ) -> [NodeID: Int] {
    let ends = NodeSet(graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths), count: graph.count)
    // The axes of each recurrence; none of what is no recurrence.
    let swept = components.members.indices.map { component in
      components.isCyclic[component]
        ? Domain(graph.sweeps(on: component, of: components).map(\.axis)) : Domain.empty
    }
    var sunk: [NodeID: Int] = [:]
    sinkCheapWork(graph, components, readers, live, ends, swept, into: &sunk)
    sinkSummaries(graph, components, readers, live, ends, swept, into: &sunk)
    return sunk
  }

  /// Sums over features, such as norms, and single entries of values of a recurrence of which nothing else is read
  /// outside: a number a step is written instead of the whole value, which is then read once less.
  private static func sinkSummaries(
    _ graph: Graph, _ components: Components, _ readers: Readers, _ live: NodeSet, _ ends: NodeSet, _ swept: [Domain],
    into sunk: inout [NodeID: Int]
  ) {
    for value in graph.nodes where components.isCyclic[components[value]] && live.contains(value) {
      let component = components[value]
      guard !ends.contains(value) else { continue }
      let outside = readers[value].filter { live.contains($0) && components[$0] != component }
      guard outside.allSatisfy({ isSummary($0, of: graph, along: swept[component]) }) else { continue }
      for reader in outside { sunk[reader] = component }
    }
  }

  /// Whether a value has fewer numbers than what it reads at a step: a sum over features, or the entry of this step's
  /// number, as a step takes its own from what later ones have added up.
  static func isSummary(_ node: NodeID, of graph: Graph, along axes: Domain) -> Bool {
    if case .reduceFeatures = graph.operation(node) { return true }
    guard case .pick(let axis, .at) = graph.operation(node), !axes.contains(axis),
      case .axisIndex(let own) = graph.operation(graph.operand(node, 1))
    else { return false }
    return axes.contains(own)
  }

  /// Cheap work and histories that only one recurrence reads: a value that is written for each step there takes no
  /// memory, and a history would have an entry for every pair of steps.
  private static func sinkCheapWork(
    _ graph: Graph, _ components: Components, _ readers: Readers, _ live: NodeSet, _ ends: NodeSet, _ swept: [Domain],
    into sunk: inout [NodeID: Int]
  ) {
    var varying = graph.types.map(\.domain)
    for node in graph.nodes {
      switch graph.operation(node).kind {
      case .elementwise, .identity, .copy, .rearrangement:
        guard case .shifts = graph.operation(node).traits.axes else {
          if !components.isCyclic[components[node]], graph.operation(node).crossedAxes.isEmpty {
            varying[node.index] = graph.operands(node).reduce(Domain.empty) { $0.union(varying[$1.index]) }
          }
          continue
        }
      case .leaf, .number, .selection, .product, .reduction, .mixing, .shift: break
      }
    }
    for members in components.members.reversed() {
      let node = members[0]
      guard !components.isCyclic[components[node]], live.contains(node), !ends.contains(node) else { continue }
      if !isHistory(node, in: graph) {
        switch graph.operation(node).kind {
        case .elementwise, .identity, .copy, .rearrangement: break
        case .leaf, .number, .selection, .product, .reduction, .mixing, .shift: continue
        }
        guard graph.operation(node).crossedAxes.isEmpty else { continue }
      }
      let targets = readers[node].filter(live.contains).map { reader -> Int? in
        let component = components[reader]
        // A history reads all steps of its operand.
        guard components.isCyclic[component] else { return isHistory(reader, in: graph) ? nil : sunk[reader] }
        let isBoundary = graph.operation(reader).shift != nil && graph.operand(reader, 1) == node
        return isBoundary ? nil : component
      }
      guard let target = targets.first.flatMap({ $0 }), targets.allSatisfy({ $0 == target }),
        swept[target].isSubset(of: varying[node.index])
      else { continue }
      sunk[node] = target
    }
  }

  private static func isHistory(_ node: NodeID, in graph: Graph) -> Bool {
    if case .history = graph.operation(node) { true } else { false }
  }
}
