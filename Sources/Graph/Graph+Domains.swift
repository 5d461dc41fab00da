extension Graph {
  /// Infers the domains of all nodes: the least fixpoint of the type rules, which on a cycle start from its boundaries.
  ///
  /// Each rule is monotone and there are finitely many axes, so the iteration ends. One pass in the order of the nodes
  /// settles everything but the carried operands of delays.
  public mutating func inferDomains() throws(GraphProblem) {
    var pending = Array(shifts)
    // Start each cycle from its own axis alone, so that a removed axis does not support itself. The boundary does not
    // count either: its domain may be out of date.
    for node in pending {
      guard let axis = operations[node.index].shift?.axis else { continue }
      setDomain(lengthsDomain(of: [axis]).inserting(axis), of: node)
    }
    repeat {
      for node in nodes where !operations[node.index].isLeafWithType {
        let operands = self.operands(node)
        if operands.contains(.open) { throw GraphProblem(node: node, openMessage(node)) }
        if operations[node.index].shift != nil {
          let boundary = type(operand(node, 1))
          let inferred = try inferShift(operation(node), boundary: boundary).domain
          setDomain(inferred.union(type(node).domain), of: node)
        } else {
          do {
            setDomain(try inferType(operation(node), operands.map { types[$0.index] }, settled: false).domain, of: node)
          } catch {
            throw GraphProblem(node: node, error.message)
          }
        }
      }
      pending = pending.filter { !type(operand($0, 0)).domain.isSubset(of: type($0).domain) }
      for node in pending { setDomain(type(node).domain.union(type(operand(node, 0)).domain), of: node) }
      if pending.isEmpty { break }
      pending = Array(shifts)
    } while true
  }

  /// The delays and advances.
  public var shifts: [NodeID] { nodes.filter { operations[$0.index].shift != nil } }

  func openMessage(_ node: NodeID) -> String {
    "the state \(names[node] ?? "%\(node.index)") is read but never given its next value"
  }
}
