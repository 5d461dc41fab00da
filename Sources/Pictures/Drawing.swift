package import EbbGraph

/// The contents of a picture of a graph before its layout: boxes and arrows.
package struct Drawing {
  /// The role of a box, which determines its colour.
  package enum Role: String {
    case input, parameter, state, output, plain
  }

  /// A run of a label's text.
  package struct Piece: Equatable {
    package var text: String
    var isParameter = false
    /// Whether it is set as a subscript.
    var isLowered = false
  }

  package struct Box {
    package var node: NodeID
    var role: Role
    /// The operation, with the operands that are written inside the box instead of drawn.
    package var symbol: [Piece]
    /// The node's name, unless the symbol contains it.
    var name: [Piece]
    /// Axes and features: `[t, b, 16]`.
    var type: String
    /// The whole equation, for the tooltip.
    var equation: String
    /// Whether the node lies on a cycle through a delay, and so runs step by step.
    var isOnCycle: Bool
  }

  package struct Arrow {
    package var source: Int
    package var target: Int
    /// Which operand this is, if the operation distinguishes its operands: `−`, `if`.
    var mark: String?
    /// The effect of the delay or advance whose carried operand this is: `delay 1`.
    package var carried: String?
    /// Whether the arrow closes a cycle, so that it points against the order of the boxes.
    package var isBackward = false
  }

  package var boxes: [Box] = []
  package var arrows: [Arrow] = []

  package init(_ graph: Graph, _ options: DrawingOptions) {
    let inlined = Self.inlined(graph, options)
    let notation = Notation(graph, inlined)
    let components = Components(graph)
    var outputs: [NodeID: String] = [:]
    for output in graph.outputs { outputs[output.node] = outputs[output.node].map { $0 + ", " } ?? "" + output.name }
    var boxes: [NodeID: Int] = [:]
    for node in graph.nodes where !inlined.contains(node) {
      boxes[node] = self.boxes.count
      let output = outputs[node]
      self.boxes.append(
        Box(
          node: node, role: Self.role(graph.operation(node), isOutput: output != nil),
          symbol: notation.symbol(node), name: Self.name(notation, node, output: output),
          type: options.showsTypes ? notation.dimensions(node) : "", equation: graph.line(node),
          isOnCycle: components.isCyclic[components[node]]))
    }
    for node in graph.nodes {
      guard let target = boxes[node] else { continue }
      let isAlone = graph.operands(node).count { boxes[$0] != nil } < 2
      let marks = isAlone ? [] : graph.operation(node).operandMarks
      for (position, operand) in graph.operands(node).enumerated() {
        guard let source = boxes[operand] else { continue }
        var arrow = Arrow(source: source, target: target)
        if marks.indices.contains(position) { arrow.mark = marks[position] }
        if position == 0, let shift = graph.operation(node).shift {
          arrow.carried = "\(graph.operation(node).keyword) \(shift.by)"
          arrow.isBackward = source >= target
        }
        arrows.append(arrow)
      }
    }
  }

  private static func role(_ operation: Operation, isOutput: Bool) -> Role {
    if operation == .input { return .input }
    if operation == .parameter { return .parameter }
    if isOutput { return .output }
    return operation.shift == nil ? .plain : .state
  }

  /// The second line of a box: the name of its node and of its outputs.
  private static func name(_ notation: Notation, _ node: NodeID, output: String?) -> [Piece] {
    let graph = notation.graph
    let name = graph.operation(node).isGiven || graph.name(node) == nil ? [] : notation.name(node)
    guard let output, output != graph.name(node) else { return name }
    return name + [Piece(text: name.isEmpty ? "→ " : " → ")] + Piece.name(output)
  }

  /// Constants, and parameters that are only multiplied, added or looked up, are written into the boxes that use them.
  private static func inlined(_ graph: Graph, _ options: DrawingOptions) -> Set<NodeID> {
    var result: Set<NodeID> = []
    var isUsed = Set<NodeID>()
    for node in graph.nodes {
      isUsed.formUnion(graph.operands(node))
      if case .constant = graph.operation(node) { result.insert(node) }
      if graph.operation(node) == .parameter, options.inlinesParameters { result.insert(node) }
    }
    // Show a parameter that nothing reads, but not such a constant.
    result = result.filter { isUsed.contains($0) || graph.operation($0) != .parameter }
    for output in graph.outputs { result.remove(output.node) }
    for node in graph.nodes {
      for (position, operand) in graph.operands(node).enumerated()
      where result.contains(operand) && graph.operation(operand) == .parameter {
        if !isWritten(position, in: graph.operation(node)) { result.remove(operand) }
      }
    }
    return result
  }

  /// Whether a box shows its operation's operand at this position: x · W, x + b, a row of a table, a first state.
  private static func isWritten(_ position: Int, in operation: Operation) -> Bool {
    if case .binary = operation { return true }
    if operation == .gather { return position == 0 }
    return operation.kind == .product || operation.kind == .shift && position == 1
  }
}
