internal import EbbTensors

extension Graph {
  /// In what these outputs of two graphs differ; empty if every run gives both the same values.
  ///
  /// What counts are the axes, the parameters and inputs with their names and shapes, and the equations that lead to the
  /// outputs. The names of states and of other values do not, nor does the order of the equations. A selection by a
  /// constant is the side that it takes: what dropout does in training does not matter to an evaluation.
  ///
  /// - Returns: Differences in axes if there are any; otherwise those in parameters and inputs; otherwise the equations
  ///   at which the graphs part, seen from the outputs, at most five.
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
      if operation(node) == .parameter || operation(node) == .input {
        leaves["\(operation(node).keyword) \(reference(node))"] = text(type(node))
      }
      for operand in operands(node) where seen.insert(operand).inserted { pending.append(operand) }
    }
    return leaves
  }

  /// The side that a selection by a constant takes; any other node itself.
  fileprivate func taken(_ node: NodeID) -> NodeID {
    var node = node
    while operation(node) == .select, case .constant(let condition) = operation(operand(node, 0)) {
      node = operand(node, condition != 0 ? 1 : 2)
    }
    return node
  }

  /// A value as a formula of the named values around it: `tanh(add(product(…), recurrent.bias))`.
  fileprivate func formula(_ node: NodeID, depth: Int) -> String {
    text(
      operation(node),
      operands(node).map { operand in
        let operand = taken(operand)
        if let name = names[operand] { return quoted(name) }
        return depth > 0 || operands(operand).isEmpty ? formula(operand, depth: depth - 1) : "…"
      })
  }
}

/// Walks through two graphs side by side, from the outputs to the leaves. That each pair of nodes has the same operation
/// and pairs of operands means that both unfold to the same equations, whatever they share and through all delays.
private struct SideBySide {
  static let limit = 5
  let left: Graph
  let right: Graph
  var differences: [GraphDifference] = []
  private var seen: Set<[NodeID]> = []

  init(left: Graph, right: Graph) {
    self.left = left
    self.right = right
  }

  mutating func compare(output name: String) {
    guard let first = left.output(named: name), let second = right.output(named: name) else {
      let texts = [left, right].map { $0.output(named: name) == nil ? nil : "there" }
      return report(GraphDifference("the output \(name)", left: texts[0], right: texts[1]))
    }
    // With each pair goes the name of the nearest value that it is a part of.
    var pending = [(first, second, "the output \(name)")]
    while let (first, second, owner) = pending.popLast() {
      let pair = [left.taken(first), right.taken(second)]
      guard seen.insert(pair).inserted else { continue }
      let name = (left.name(pair[0]) ?? right.name(pair[1])).map(quoted) ?? owner
      guard isEqual(pair[0], pair[1]) else {
        report(difference(pair[0], pair[1], in: name))
        continue
      }
      for (first, second) in zip(left.operands(pair[0]), right.operands(pair[1])).reversed() {
        pending.append((first, second, name))
      }
    }
  }

  private func isEqual(_ first: NodeID, _ second: NodeID) -> Bool {
    guard left.operation(first).isIdentical(to: right.operation(second)), left.type(first) == right.type(second),
      left.operands(first).count == right.operands(second).count
    else { return false }
    switch left.operation(first) {
    case .parameter, .input: return left.name(first) == right.name(second)
    case .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select, .convert, .product,
      .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures,
      .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay,
      .advance, .stopGradient, .clipGradient:
      return true
    }
  }

  private func difference(_ first: NodeID, _ second: NodeID, in owner: String) -> GraphDifference {
    func text(_ graph: Graph, _ node: NodeID) -> String {
      let isLeaf = graph.operation(node) == .parameter || graph.operation(node) == .input
      return isLeaf ? graph.reference(node) : graph.formula(node, depth: 2)
    }
    var texts = (text(left, first), text(right, second))
    if texts.0 == texts.1 { texts = (left.text(left.type(first)), right.text(right.type(second))) }
    return GraphDifference("an equation of \(owner)", left: texts.0, right: texts.1)
  }

  private mutating func report(_ difference: GraphDifference) {
    if differences.count < Self.limit, !differences.contains(difference) { differences.append(difference) }
  }
}
