public import EbbGraph
internal import EbbTensors

/// Which uses of a node count in its derivative: the total and the partial derivative of a recurrence.
public enum Dependence: Hashable, Sendable, CaseIterable {
  /// All uses: of a state, at this step and every later one. This is dL/dhₜ.
  case total
  /// As `total`, with the delays (and advances) of the node's own recurrence taken as `stopGradient`: only paths within
  /// the step and through what is computed from it outside the recurrence, such as later layers. This is ∂L/∂hₜ with
  /// the later states held fixed. Of a node that is in no recurrence it is the same as `total`.
  case direct
}

/// Adjoints that were appended to a graph.
public struct Gradients: Hashable, Sendable {
  /// The adjoint of each node that was asked for, in that order: of the node's own type.
  public var adjoints: [NodeID]
  /// What happened at each `clipGradient` on the way, in order of evaluation of the adjoints.
  public var clips: [ClipRecord]
  /// The nodes downstream of a clip or a truncation whose values the adjoints read, each with its copy without these
  /// marks. A copy has its node's value.
  public var copies: [NodeID: NodeID]

  /// Adjoints that are in a graph.
  public init(adjoints: [NodeID], clips: [ClipRecord], copies: [NodeID: NodeID] = [:]) {
    self.adjoints = adjoints
    self.clips = clips
    self.copies = copies
  }
}

/// An adjoint before and after a `clipGradient`.
public struct ClipRecord: Hashable, Sendable {
  /// The clipping node of the forward graph.
  public var node: NodeID
  /// The adjoint as it arrives, summed over all uses of the node.
  public var before: NodeID
  /// The adjoint as it goes on.
  public var after: NodeID
  /// ‖before‖₂ over the features, for each sample and step: a scalar.
  public var normBefore: NodeID
  /// The factor min(1, c / ‖before‖₂) of a clip by norm; a clip by value has none.
  public var factor: NodeID?

  /// The nodes that were appended.
  fileprivate var nodes: [NodeID] { [before, after, normBefore] + (factor.map { [$0] } ?? []) }

  /// Takes what stands for `nodes` off the end of a list.
  fileprivate mutating func takeNodes(from list: inout [NodeID]) {
    if factor != nil { factor = list.removeLast() }
    normBefore = list.removeLast()
    after = list.removeLast()
    before = list.removeLast()
  }
}

extension Graph {
  /// Appends the equations of dL/dx for each node x of `nodes` and returns their nodes, each of its x's own type.
  ///
  /// - Parameters:
  ///   - loss: A float scalar at each index. With a domain it is summed over it.
  ///   - nodes: Float nodes anywhere in the graph: parameters, inputs, states, intermediates.
  ///   - keeping: Axes of the loss over which it is not summed: the adjoints are then indexed by them too, and hold at
  ///     each index the derivative of that entry of the loss alone (per-sample gradients).
  ///   - dependence: Whether the adjoints count all later uses or only the direct ones.
  /// - Throws: `GraphError` if the loss is no float scalar, a node is no float, or an operation on the way mixes an
  ///   axis that is kept.
  ///
  /// The derivative of a node that does not reach the loss is zeros. That of a `clipGradient` is the clipped one: what
  /// goes on from it. See `gradients` for clipping events.
  ///
  /// The adjoints can be differentiated again, which gives the derivative of what they compute: they clip and truncate as
  /// functions of adjoints, and the values that they read are read without these marks.
  public mutating func gradient(
    of loss: NodeID, withRespectTo nodes: [NodeID], keeping: Domain = .empty, dependence: Dependence = .total
  ) throws(GraphError) -> [NodeID] {
    try gradients(of: loss, withRespectTo: nodes, keeping: keeping, dependence: dependence).adjoints
  }

  /// Those of some nodes from which a derivative of the loss comes: the gradient of the others is zeros, whatever the
  /// values.
  package func reaching(_ loss: NodeID, from nodes: [NodeID]) -> [NodeID] {
    let reaching = ancestors(of: [loss], where: passesAdjoint)
    return nodes.filter(reaching.contains)
  }

  /// As `gradient`, together with what happened at each `clipGradient`.
  public mutating func gradients(
    of loss: NodeID, withRespectTo nodes: [NodeID], keeping: Domain = .empty, dependence: Dependence = .total
  ) throws(GraphError) -> Gradients {
    var problems = problemsOfLoss(loss, keeping: keeping)
    for node in nodes where node.index < 0 || node.index >= count || !type(node).element.isFloat {
      problems.append(GraphProblem(node: node, "\(label(node)) is no float node of the graph: it has no gradient"))
    }
    guard problems.isEmpty else { throw GraphError(problems) }

    let forward = self
    var result = self
    var adjoints = [NodeID](repeating: .open, count: nodes.count)
    var clips: [ClipRecord] = []
    for group in forward.sweeps(for: nodes, dependence: dependence) {
      var mode = try ReverseMode(
        forward, appendingTo: result, of: loss, withRespectTo: group.positions.map { nodes[$0] }, keeping: keeping,
        cutting: group.cut)
      mode.run()
      for position in group.positions { adjoints[position] = mode.result(for: nodes[position]) }
      clips += mode.clips
      result = mode.graph
    }
    var nodesOfResult = adjoints + clips.flatMap(\.nodes)
    let copies: [NodeID: NodeID]
    (self, copies) = forward.readingUnmarked(result, &nodesOfResult)
    for index in clips.indices.reversed() { clips[index].takeNodes(from: &nodesOfResult) }
    return Gradients(adjoints: nodesOfResult, clips: clips, copies: copies)
  }

  /// The nodes that share one reverse sweep, and the shifts whose adjoints that sweep cuts.
  private func sweeps(for nodes: [NodeID], dependence: Dependence) -> [(positions: [Int], cut: Set<NodeID>)] {
    switch dependence {
    case .total:
      return [(Array(nodes.indices), [])]
    case .direct:
      let components = Components(self)
      var groups: [(positions: [Int], cut: Set<NodeID>)] = []
      var groupOfComponent: [Int?: Int] = [:]
      for (position, node) in nodes.enumerated() {
        // Nodes outside of recurrences have nothing to cut and share one sweep.
        let component = components.isCyclic[components[node]] ? components[node] : nil
        if let known = groupOfComponent[component] {
          groups[known].positions.append(position)
          continue
        }
        groupOfComponent[component] = groups.count
        let members = component.map { components.members[$0] } ?? []
        let cut = members.filter { operation($0).shift != nil && components[operand($0, 0)] == component }
        groups.append(([position], Set(cut)))
      }
      return groups
    }
  }

  private func problemsOfLoss(_ loss: NodeID, keeping: Domain) -> [GraphProblem] {
    guard loss.index >= 0, loss.index < count else { return [GraphProblem("the loss is no node of the graph")] }
    let type = self.type(loss)
    var problems: [GraphProblem] = []
    func report(_ message: String) { problems.append(GraphProblem(node: loss, message)) }
    if !type.element.isFloat { report("the loss \(label(loss)) is \(type.element.name): only a float has a gradient") }
    if type.shape.rank > 0 {
      report("the loss \(label(loss)) has features \(type.shape): reduce them to a scalar first")
    }
    let unknown = keeping.subtracting(type.domain)
    if !unknown.isEmpty {
      report("cannot keep \(names(of: unknown)): the loss \(label(loss)) is over \(names(of: type.domain))")
    }
    let rows = closed(type.domain).subtracting(type.domain)
    if !rows.isEmpty {
      report(
        "the loss \(label(loss)) is over \(names(of: type.domain)), which is ragged over \(names(of: rows)): "
          + "sum it over the ragged axis first")
    }
    return problems
  }

  /// A node as messages call it: its name, or its number.
  func label(_ node: NodeID) -> String { names[node] ?? "%\(node.index)" }
}
