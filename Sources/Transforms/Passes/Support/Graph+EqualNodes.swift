internal import EbbGraph

extension Graph {
  /// For each node the first that has the same value: nodes with the same operation and equal operands, and states whose
  /// equations are the same if the states are.
  ///
  /// States are taken as equal until their equations tell them apart: the coarsest partition that the equations allow
  /// (Alpern, Wegman & Zadeck 1988). Each round costs as much as the graph; it tells apart what the last one has made
  /// different, so that their number is that of the states in a chain, not that of the nodes.
  func equalNodes() -> [NodeID] {
    var first = Array(nodes)
    // What a delay was equal to in the last round: at first, all of one operation, type and boundary are equal.
    var carried: [NodeID: ShiftKey]? = nil
    while true {
      var known: [NodeKey: NodeID] = [:]
      known.reserveCapacity(count)
      var shifts: [ShiftKey: NodeID] = [:]
      for node in nodes {
        let operation = operation(node)
        if operation == .parameter || operation == .input { continue }
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

/// What makes two delays or advances equal: their own equation without what they carry, what they carry, and that nothing
/// told them apart before.
private struct ShiftKey: Hashable {
  var equation: NodeKey
  var carried: NodeID
  var last: NodeID
}
