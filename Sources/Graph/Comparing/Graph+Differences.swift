internal import EbbTensors

extension Graph {
  /// The differences between these outputs of two graphs; empty if every run gives both the same values.
  ///
  /// Compared are the axes, the parameters and inputs with their names and shapes, and the equations that lead to the
  /// outputs. The names of states and other values do not matter, nor does the order of the equations. A selection by a
  /// constant counts as the side that it takes, so dropout in training makes no difference to an evaluation.
  ///
  /// - Returns: Differences in axes if there are any; otherwise those in parameters and inputs; otherwise the equations
  ///   at which the graphs diverge, seen from the outputs, at most five.
  public func differences(from other: Graph, in outputs: [String]) -> [GraphDifference] {
    let axes = (axisTexts.joined(separator: ", "), other.axisTexts.joined(separator: ", "))
    if axes.0 != axes.1 { return [GraphDifference("the list of axes", left: axes.0, right: axes.1)] }
    let leaves = (leaves(of: outputs), other.leaves(of: outputs))
    let names = Set(leaves.0.keys).union(leaves.1.keys).sorted()
    let different = names.filter { leaves.0[$0] != leaves.1[$0] }
    guard different.isEmpty else {
      return different.map { GraphDifference("the \($0)", left: leaves.0[$0], right: leaves.1[$0]) }
    }
    var pair = SideBySide(left: self, right: other)
    for name in outputs { pair.compare(output: name) }
    return pair.differences
  }

  private var axisTexts: [String] {
    axes.map { axis in
      "\(axis.name): \(axis.kind)" + (axis.length.map { " of \($0)" } ?? "")
        + (axis.steps.map { " of the steps of \(shortName(of: $0))" } ?? "")
        + (axis.lengths.map { " with \(reference($0))" } ?? "")
    }
  }

  /// The parameters and inputs that these outputs need, with their types.
  private func leaves(of outputs: [String]) -> [String: String] {
    var leaves: [String: String] = [:]
    var pending = outputs.compactMap { output(named: $0) }
    var seen = Set(pending)
    while let node = pending.popLast() {
      let node = taken(node)
      if operation(node).isGiven {
        leaves["\(operation(node).keyword) \(reference(node))"] = text(type(node))
      }
      for operand in operands(node) where seen.insert(operand).inserted { pending.append(operand) }
    }
    return leaves
  }

  /// For a selection by a constant, the side that it takes; for a second name of a value, that value; otherwise the
  /// node itself.
  fileprivate func taken(_ node: NodeID) -> NodeID {
    var node = node
    while true {
      if operation(node) == .select, case .constant(let condition) = operation(operand(node, 0)) {
        node = operand(node, condition != 0 ? 1 : 2)
      } else if case .reshape = operation(node), type(node) == type(operand(node, 0)) {
        // A second name for a value is a reshape to the shape that it already has.
        node = operand(node, 0)
      } else {
        return node
      }
    }
  }

  /// The name of a value that equations compute; parameters and inputs are named too, but have no equation.
  fileprivate func valueName(_ node: NodeID) -> String? {
    operation(node).isGiven ? nil : names[node].map(quoted)
  }

  /// A value as a formula over named values: `tanh(add(product(…), recurrent.bias))`.
  fileprivate func formula(_ node: NodeID) -> String {
    let text = formula(node, depth: 12)
    return text.count <= 400 ? text : text.prefix(400) + "…"
  }

  private func formula(_ node: NodeID, depth: Int) -> String {
    if operation(node).isGiven { return reference(node) }
    return text(
      operation(node),
      operands(node).map { operand in
        let operand = taken(operand)
        if let name = names[operand] { return quoted(name) }
        return depth > 0 ? formula(operand, depth: depth - 1) : "…"
      })
  }
}

/// Walks through two graphs in parallel, from the outputs to the leaves. If every pair of nodes has the same operation
/// and matching operands, both graphs unfold to the same equations, whatever they share and through all delays.
private struct SideBySide {
  static let limit = 5
  let left: Graph
  let right: Graph
  var differences: [GraphDifference] = []
  var seen: Set<[NodeID]> = []

  /// A pair of nodes, and the nearest named values that contain them.
  private struct Pair {
    var first: NodeID
    var second: NodeID
    var owner: String
    var owners: [NodeID]
  }

  mutating func compare(output name: String) {
    guard let first = left.output(named: name), let second = right.output(named: name) else {
      let texts = [left, right].map { $0.output(named: name) == nil ? nil : "there" }
      return report(GraphDifference("the output \(name)", left: texts[0], right: texts[1]))
    }
    var pending = [
      Pair(first: first, second: second, owner: "the output \(name)", owners: [left.taken(first), right.taken(second)])
    ]
    while var pair = pending.popLast() {
      let nodes = [left.taken(pair.first), right.taken(pair.second)]
      guard seen.insert(nodes).inserted else { continue }
      let isAlike = isEqual(nodes[0], nodes[1])
      let names = (left.valueName(nodes[0]), right.valueName(nodes[1]))
      // Where one is named and the other is not, the difference lies in the named value around them.
      if let name = names.0 ?? names.1, isAlike || names.0 != nil && names.1 != nil {
        (pair.owner, pair.owners) = (name, nodes)
      }
      guard isAlike else {
        report(difference(nodes, in: pair))
        continue
      }
      for (first, second) in zip(left.operands(nodes[0]), right.operands(nodes[1])).reversed() {
        pending.append(Pair(first: first, second: second, owner: pair.owner, owners: pair.owners))
      }
    }
  }

  private func isEqual(_ first: NodeID, _ second: NodeID) -> Bool {
    guard left.operation(first).isIdentical(to: right.operation(second)), left.type(first) == right.type(second),
      left.operands(first).count == right.operands(second).count
    else { return false }
    return !left.operation(first).isGiven || left.name(first) == right.name(second)
  }

  /// The whole equations of the named values if they show the difference; otherwise the two nodes.
  private func difference(_ nodes: [NodeID], in pair: Pair) -> GraphDifference {
    func texts(_ text: (Graph, Int) -> String) -> [String] { [text(left, 0), text(right, 1)] }
    let candidates = [
      texts { $0.formula(pair.owners[$1]) }, texts { $0.formula(nodes[$1]) },
      texts { graph, side in graph.text(graph.type(nodes[side])) },
    ]
    let shown = candidates.first { $0[0] != $0[1] } ?? candidates[0]
    return GraphDifference(pair.owner, left: shown[0], right: shown[1])
  }

  private mutating func report(_ difference: GraphDifference) {
    if differences.count < Self.limit, !differences.contains(difference) { differences.append(difference) }
  }
}
