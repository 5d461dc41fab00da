public import EbbGraph
internal import EbbTensors

extension Graph {
  /// The graph with a time axis replaced by `steps` copies of each equation over it: the unrolled graph of textbooks.
  ///
  /// - A node `h` over the axis becomes `h@0`, `h@1`, …; inputs and outputs over it split alike (see
  ///   `unrolledBindings`). Nodes without the axis remain single.
  /// - Delays and advances read an earlier or later copy, or (a slice of) their boundary value. Index and length become
  ///   constants. Sums over the axis become chains that add the steps in ascending order; so do maxima.
  /// - A truncated delay becomes a clip of the adjoint at 0 where the window changes: the tangent passes.
  /// - Random numbers must not change, and they are a function of the indices of their declared axes. So a random node
  ///   over the axis remains one node, from which each step picks its numbers. No other node has the axis; it remains
  ///   declared, with the fixed length `steps`, so that axes keep their handles.
  /// - A ragged axis is unrolled with its lengths as an ordinary input. Steps past the end of a row are computed on the
  ///   inputs of its first step. They are masked wherever rows or steps are mixed, and are 0 in outputs. A row may have
  ///   no step at all.
  ///
  /// Throws if the axis is not a time axis, if the graph fixes a different length, or if `steps` is less than 1.
  public func unrolled(_ axis: Axis, steps: Int) throws(GraphError) -> Graph {
    let description = self.description(of: axis)
    var problems: [GraphProblem] = []
    if description.kind != .time {
      problems.append(GraphProblem("\(description.name) is no time axis: there is nothing to unroll along it"))
    }
    if steps < 1 { problems.append(GraphProblem("cannot unroll \(description.name) into \(steps) steps")) }
    if let length = description.length, length != steps {
      problems.append(GraphProblem("\(description.name) has the fixed length \(length), not \(steps)"))
    }
    if description.steps != nil {
      problems.append(GraphProblem("\(description.name) is the axis of a history: unroll the steps that it remembers"))
    }
    guard problems.isEmpty else { throw GraphError(problems) }
    var unroller = Unroller(self, axis, steps: steps)
    unroller.run()
    return unroller.graph
  }

  /// The name of a node's copy at one step of an unrolled axis.
  static func name(_ name: String, at step: Int) -> String { "\(name)@\(step)" }
}

/// Builds the unrolled graph: components in an order of evaluation, a recurrence over the axis step by step, everything
/// else equation by equation.
struct Unroller: GraphWriter {
  let source: Graph
  let axis: Axis
  let steps: Int
  var graph = Graph()
  var constants = ConstantPool(of: Graph())
  /// The axes that index the lengths of the axis, if it is ragged.
  let rows: Domain

  /// The copies of each node: one for each step, or a single one if the node lacks the axis; `open` until they exist.
  private var copies: [[NodeID]]
  /// Delays over other axes whose carried copy comes later.
  private var unclosed: [(shift: NodeID, carried: NodeID, step: Int?)] = []
  /// For each step, whether it exists in each row of a ragged axis.
  private var existence: [NodeID?]
  /// The random nodes over the axis, whole.
  private var wholeRandoms: [NodeID: NodeID] = [:]

  init(_ source: Graph, _ axis: Axis, steps: Int) {
    self.source = source
    self.axis = axis
    self.steps = steps
    rows = source.lengthsDomain(of: [axis])
    existence = Array(repeating: nil, count: steps)
    copies = source.nodes.map { node in
      Array(repeating: .open, count: source.type(node).domain.contains(axis) ? steps : 1)
    }
  }

  // MARK: Order

  mutating func run() {
    declareAxes()
    appendInputs()
    let components = Components(source)
    for (index, members) in components.members.enumerated() {
      if let sweep = source.sweeps(on: index, of: components).first(where: { $0.axis == axis }) {
        let ascending = Array(0..<steps)
        for step in sweep.isBackward ? ascending.reversed() : ascending {
          for node in members { append(node, at: step) }
        }
      } else {
        for node in members {
          if hasAxis(node) { for step in 0..<steps { append(node, at: step) } } else { append(node, at: nil) }
        }
      }
    }
    for (shift, carried, step) in unclosed { graph.setOperand(shift, 0, to: copy(carried, step)) }
    appendOutputs()
  }

  private mutating func declareAxes() {
    for (index, description) in source.axes.enumerated() {
      var description = description
      description.lengths = nil
      if description.steps == axis { description.steps = nil; description.length = steps }
      if index == axis.index { description.length = steps }
      _ = graph.addAxis(description)
    }
  }

  /// Parameters and inputs come first, in their order: the lengths of ragged axes must exist before the axes are used.
  private mutating func appendInputs() {
    for node in source.nodes where source.operation(node).isGiven {
      let type = source.type(node)
      let name = source.name(node) ?? "%\(node.index)"
      if hasAxis(node) {
        let own = NodeType(type.element, type.domain.removing(axis), type.shape)
        copies[node.index] = (0..<steps).map { graph.appendLeaf(.input, own, name: Graph.name(name, at: $0)) }
      } else {
        copies[node.index] = [graph.appendLeaf(source.operation(node), type, name: name)]
      }
    }
    for (index, description) in source.axes.enumerated() where index != axis.index {
      if let lengths = description.lengths { graph.setLengths(copy(lengths, nil), of: Axis(index)) }
    }
    // Past its end a row is computed on the inputs of its first step, which exist.
    for node in source.nodes where source.operation(node) == .input && hasAxis(node) {
      guard !rows.isEmpty, rows.isSubset(of: source.type(node).domain) else { continue }
      // An empty row has no such inputs and is computed on zeros.
      let first = masked(copies[node.index][0], at: 0, with: 0)
      copies[node.index][0] = first
      for step in 1..<max(steps, 1) {
        guard let exists = exists(step) else { continue }
        copies[node.index][step] = select(exists, copies[node.index][step], first)
      }
    }
  }

  private mutating func appendOutputs() {
    for output in source.outputs {
      guard hasAxis(output.node) else {
        graph.setOutput(output.name, copy(output.node, nil))
        continue
      }
      let hasRows = rows.isSubset(of: source.type(output.node).domain)
      for step in 0..<steps {
        let value = copy(output.node, step)
        let result = hasRows ? masked(value, at: step, with: 0) : value
        graph.setOutput(Graph.name(output.name, at: step), result)
      }
    }
  }

  // MARK: Copies

  func hasAxis(_ node: NodeID) -> Bool { source.type(node).domain.contains(axis) }

  /// The copy of a node at a step, or its only one.
  func copy(_ node: NodeID, _ step: Int?) -> NodeID {
    guard hasAxis(node) else { return copies[node.index][0] }
    guard let step else { preconditionFailure("\(source.label(node)) is read without a step") }
    return copies[node.index][step]
  }

  /// The domain of a node's copies.
  func copyDomain(_ node: NodeID) -> Domain { source.type(node).domain.removing(axis) }

  /// Appends the copy of a node at a step (or the only one) with its name.
  private mutating func append(_ node: NodeID, at step: Int?) {
    let operation = source.operation(node)
    guard !operation.isGiven else { return }
    let before = graph.count
    let type = source.type(node)
    var result = spread(equation(node, at: step), to: copyDomain(node))
    precondition(
      graph.type(result) == NodeType(type.element, copyDomain(node), type.shape),
      "the copy of \(source.label(node)) = \(operation.keyword) has another type than its node")
    if let name = source.name(node) {
      // A delay's copy is another node's copy; to have its own name, it needs its own equation.
      if result.index < before { result = graph.append(.reshape(type.shape), [result]) }
      graph.setName(step.map { Graph.name(name, at: $0) } ?? name, of: result)
    }
    copies[node.index][step ?? 0] = result
  }

  /// The copy of a delay or advance over another axis: open if its carried copy comes later.
  mutating func shift(_ node: NodeID, at step: Int?) -> NodeID {
    let (carried, boundary) = (source.operand(node, 0), copy(source.operand(node, 1), step))
    let known = copy(carried, step)
    if known != .open { return graph.append(source.operation(node), [known, boundary]) }
    let type = source.type(node)
    let result = graph.appendUnchecked(
      source.operation(node), [.open, boundary], NodeType(type.element, copyDomain(node), type.shape))
    unclosed.append((result, carried, step))
    return result
  }

  /// The numbers of a random node at a step: picked from all numbers, which are drawn once.
  mutating func random(_ node: NodeID, at step: Int?) -> NodeID {
    guard let step, hasAxis(node) else { return graph.appendLeaf(source.operation(node), source.type(node)) }
    let whole = wholeRandoms[node] ?? graph.appendLeaf(source.operation(node), source.type(node))
    wholeRandoms[node] = whole
    return graph.append(.pick(axis, .at), [whole, integer(step)])
  }

  // MARK: Ragged steps

  /// t < len for each row; nil if every row has the step.
  mutating func exists(_ step: Int) -> NodeID? {
    guard let lengths = source.description(of: axis).lengths else { return nil }
    if let known = existence[step] { return known }
    let node = compare(.less, integer(step), copy(lengths, nil))
    existence[step] = node
    return node
  }

  /// The value at a step, and `neutral` in rows without the step.
  mutating func masked(_ value: NodeID, at step: Int, with neutral: Double) -> NodeID {
    guard let exists = exists(step) else { return value }
    return select(exists, value, constant(neutral, like: value))
  }
}
