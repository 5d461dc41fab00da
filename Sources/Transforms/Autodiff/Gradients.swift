public import EbbGraph
internal import EbbTensors

/// The uses of a node that its derivative counts: a recurrence's total or partial derivative.
public enum Dependence: Hashable, Sendable, CaseIterable {
  /// All uses; those of a state are at this step and every later one. This is dL/dhₜ.
  case total
  /// As `total`, but with the delays and advances of the node's own recurrence treated as `stopGradient`: only paths
  /// within the step, and through values computed from it outside the recurrence, such as later layers. This is ∂L/∂hₜ
  /// with the later states held fixed. For a node outside all recurrences it equals `total`.
  case direct
}

/// Adjoints that were appended to a graph.
public struct Gradients: Hashable, Sendable {
  /// The adjoint of each requested node, in that order and of the node's own type.
  public var adjoints: [NodeID]
  /// A record of each `clipGradient` passed, in the adjoints' order of evaluation.
  public var clips: [ClipRecord]
  /// The nodes downstream of a clip or a truncation whose values the adjoints read, each with its copy without these
  /// marks. A copy has its node's value.
  public var copies: [NodeID: NodeID]
}

/// An adjoint before and after a `clipGradient`.
public struct ClipRecord: Hashable, Sendable {
  /// The clipping node of the forward graph.
  public var node: NodeID
  /// The incoming adjoint, summed over all uses of the node.
  public var before: NodeID
  /// The adjoint that propagates further.
  public var after: NodeID
  /// ‖before‖₂ over the features, for each sample and step: a scalar.
  public var normBefore: NodeID
  /// The factor min(1, c / ‖before‖₂) of a clip by norm; nil for a clip by value.
  public var factor: NodeID?

  /// The nodes that were appended.
  fileprivate var nodes: [NodeID] { [before, after, normBefore] + (factor.map { [$0] } ?? []) }

  /// Takes the counterparts of `nodes` off the end of a list.
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
  ///   - loss: A float scalar at each index. If it has axes, it is summed over them.
  ///   - nodes: Float nodes anywhere in the graph: parameters, inputs, states, intermediates.
  ///   - keeping: Axes of the loss over which it is not summed. The adjoints are then indexed by them too, and each
  ///     index holds the derivative of that entry of the loss alone (per-sample gradients).
  ///   - dependence: Whether the adjoints count all later uses or only the direct ones.
  /// - Throws: `GraphError` if the loss is not a float scalar, a node is not a float, or an operation in between mixes
  ///   an axis that is kept.
  ///
  /// The derivative of a node that does not reach the loss is zero. The derivative of a `clipGradient` is the clipped
  /// one, which propagates further. See `gradients` for clipping events.
  ///
  /// The adjoints can be differentiated again. That is the derivative of the computed gradient: clipping and truncation
  /// act on adjoints as functions, and values that the adjoints read are read without these marks.
  public mutating func gradient(
    of loss: NodeID, withRespectTo nodes: [NodeID], keeping: Domain = .empty, dependence: Dependence = .total
  ) throws(GraphError) -> [NodeID] {
    try gradients(of: loss, withRespectTo: nodes, keeping: keeping, dependence: dependence).adjoints
  }

  /// The nodes from which a derivative of the loss can reach it; the gradient of the others is zero for all values.
  package func reaching(_ loss: NodeID, from nodes: [NodeID]) -> [NodeID] {
    let reaching = ancestors(of: [loss], where: passesAdjoint)
    return nodes.filter(reaching.contains)
  }

  /// As `gradient`, with a record of each `clipGradient`.
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

  /// Appends the gradient of a loss at each index of its axes, for equations that are still being written: nothing is
  /// summed over the loss's axes, and delays along these are constants, as are recurrences that are still open.
  ///
  /// Values are read with their marks: a derivative of the result is clipped and cut where the values' own are.
  ///
  /// - Throws: `GraphError` if the loss is not a float scalar, a node is not a float, or an operation in between mixes an
  ///   axis of the loss.
  package mutating func gradientAtEachIndex(
    of loss: NodeID, withRespectTo nodes: [NodeID]
  ) throws(GraphError) -> [NodeID] {
    let axes = closed(type(loss).domain)
    var problems = problemsOfLoss(loss, keeping: type(loss).domain)
    for node in nodes where !type(node).element.isFloat {
      problems.append(GraphProblem(node: node, "\(label(node)) is no float: it has no gradient"))
    }
    guard problems.isEmpty else { throw GraphError(problems) }
    var mode = try ReverseMode(
      self, appendingTo: self, of: loss, withRespectTo: nodes, keeping: axes, cutting: [], holding: axes)
    mode.run()
    let adjoints = nodes.map { mode.result(for: $0) }
    self = mode.graph
    return adjoints
  }

  /// The nodes that share one reverse sweep, and the shifts whose adjoints that sweep cuts.
  private func sweeps(for nodes: [NodeID], dependence: Dependence) -> [(positions: [Int], cut: Set<NodeID>)] {
    switch dependence {
    case .total:
      return [(Array(nodes.indices), [])]
    case .direct:
      let components = Components(self)
      // Nodes outside of recurrences need no cuts and share one sweep.
      let groups = nodes.indices.grouped { position -> Int? in
        let component = components[nodes[position]]
        return components.isCyclic[component] ? component : RecurrenceMap.outside
      }
      return groups.map { component, positions in
        (positions, component == RecurrenceMap.outside ? [] : Set(shifts(on: component, of: components)))
      }
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

  /// A node in messages: its name, or its number.
  func label(_ node: NodeID) -> String { names[node] ?? "%\(node.index)" }
}
