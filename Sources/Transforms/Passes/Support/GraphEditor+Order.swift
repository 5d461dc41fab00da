internal import EbbGraph

extension GraphEditor {
  /// The nodes that the outputs need, in an order of evaluation that preserves the source's order where possible.
  ///
  /// Unused inputs and parameters remain, so that the same bindings fit before and after. A name stays with its node,
  /// or passes to the node that replaced it if that has none.
  func finished() -> Graph {
    isChanged ? ordered() : source
  }

  /// As `finished`, also where nothing was replaced.
  func ordered() -> Graph {
    let order = orderOfEvaluation()
    var position = [Int](repeating: -1, count: graph.count)
    for (index, node) in order.enumerated() { position[node.index] = index }
    func image(_ node: NodeID) -> NodeID { NodeID(position[resolved(node).index]) }

    var result = Graph()
    for axis in graph.axes {
      var description = axis
      description.lengths = axis.lengths.map(image)
      _ = result.addAxis(description)
    }
    for node in order {
      result.appendUnchecked(operation(node), graph.operands(node).map(image), type(node))
    }
    let named = graph.names.sorted { $0.key < $1.key }
    for (node, name) in named where resolved(node) == node && position[node.index] >= 0 {
      result.setName(name, of: image(node))
    }
    for (node, name) in named where resolved(node) != node && position[resolved(node).index] >= 0 {
      if result.name(image(node)) == nil { result.setName(name, of: image(node)) }
    }
    for output in graph.outputs { result.setOutput(output.name, image(output.node)) }
    return result
  }

  /// The nodes that outputs need, and all inputs and parameters, operands first.
  ///
  /// A depth-first search from the nodes in ascending order: a node of the source moves only if an earlier node now
  /// needs it. A cycle without a delay, which has no order, is left for verification to report.
  private func orderOfEvaluation() -> [NodeID] {
    let isNeeded = neededNodes()
    var order: [NodeID] = []
    var isEntered = [Bool](repeating: false, count: graph.count)
    var work: [(node: NodeID, position: Int)] = []
    for root in graph.nodes where isNeeded[root.index] && !isEntered[root.index] {
      isEntered[root.index] = true
      work.append((root, firstUncarried(root)))
      while let (node, next) = work.last {
        guard next < graph.operands(node).count else {
          order.append(node)
          work.removeLast()
          continue
        }
        work[work.count - 1].position += 1
        let operand = self.operand(node, next)
        if !isEntered[operand.index] {
          isEntered[operand.index] = true
          work.append((operand, firstUncarried(operand)))
        }
      }
    }
    return order
  }

  /// The position of the first operand that must come before the node.
  private func firstUncarried(_ node: NodeID) -> Int { operation(node).shift == nil ? 0 : 1 }

  private func neededNodes() -> [Bool] {
    var isNeeded = [Bool](repeating: false, count: graph.count)
    var pending = graph.outputs.map { resolved($0.node) }
    for node in sourceNodes where operation(node).isGiven { pending.append(node) }
    while let node = pending.popLast() {
      if isNeeded[node.index] { continue }
      isNeeded[node.index] = true
      for operand in graph.operands(node) { pending.append(resolved(operand)) }
    }
    return isNeeded
  }
}
