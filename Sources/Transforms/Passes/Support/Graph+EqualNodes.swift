internal import EbbGraph

extension Graph {
  /// For each node the first with the same value: nodes with the same operation and equal operands, and states whose
  /// equations are equal if the states are.
  ///
  /// States count as equal until their equations distinguish them: the coarsest partition that the equations allow
  /// (Alpern, Wegman & Zadeck 1988). Each round takes time proportional to the graph and propagates the distinctions of
  /// the previous one. So the number of rounds grows with the length of a chain of states, not with the number of
  /// nodes.
  func equalNodes() -> [NodeID] {
    var first = Array(nodes)
    // The key of each delay in the previous round; at first, delays of one operation, type and boundary are equal.
    var carried: [NodeID: ShiftKey]? = nil
    while true {
      var known: [NodeKey: NodeID] = [:]
      known.reserveCapacity(count)
      var shifts: [ShiftKey: NodeID] = [:]
      for node in nodes {
        let operation = operation(node)
        if operation.isGiven { continue }
        if operation.shift != nil {
          let key =
            carried?[node]
            ?? ShiftKey(
              equation: NodeKey(operation, [first[operand(node, 1).index]], type(node)), carried: .open, last: .open)
          first[node.index] = shifts[key] ?? node
          shifts[key] = first[node.index]
          continue
        }
        let key = NodeKey(operation, operands(node).map { first[$0.index] }[...], type(node))
        first[node.index] = known[key] ?? node
        known[key] = first[node.index]
      }
      var next: [NodeID: ShiftKey] = [:]
      for node in nodes where operation(node).shift != nil {
        next[node] = ShiftKey(
          equation: NodeKey(operation(node), [first[operand(node, 1).index]], type(node)),
          carried: first[operand(node, 0).index], last: first[node.index])
      }
      if Set(next.values).count == shifts.count { return first }
      carried = next
    }
  }
}

/// The key by which two delays or advances are equal: their equation without the carried operand, the carried operand,
/// and their class in the previous round.
private struct ShiftKey: Hashable {
  var equation: NodeKey
  var carried: NodeID
  var last: NodeID
}
