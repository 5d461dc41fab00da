internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

/// The equations of one step as a graph without a recurrence, in which the states that the step reads are inputs, and a
/// way to copy equations appended to it back into the recording's graph.
///
/// So derivatives of one step can be taken separately from those of the whole sequence. They are derivatives of the
/// step's values: clips of adjoints are left out, and the equations copied back read values without clips and
/// truncation, so that they can be differentiated.
///
/// Among the diagnostics, `StepDifferential` takes the same copy in forward mode, on which clips do not act, and runs it
/// by itself; `DetachedStep` stays in the recording's graph and ends the derivative there. Training differentiates
/// through a regularizer, so it needs both: derivatives of the step alone, and a way back to the equations that read the
/// parameters.
struct StepCopy {
  /// The recording's equations, with the same node numbers and an input for each delay.
  var graph: Graph
  /// How many equations the recording has.
  let count: Int

  /// - Throws: `GraphError` if a state runs along several axes: a step along one of them is no step of the network.
  init(_ recording: Recording) throws(GraphError) {
    let source = recording.graph
    if let grid = recording.states.first(where: { !$0.neighbours.isEmpty }) {
      throw GraphError([
        GraphProblem(
          node: grid.previous, "the state \(grid.name) runs along several axes, and the term follows the steps of one")
      ])
    }
    if let history = source.firstHistory {
      throw GraphError([
        GraphProblem(node: history, "a step reads its own past, and the term follows the steps from one to the next")
      ])
    }
    let unclipped = source.mapOperations { node in
      if case .clipGradient = source.operation(node) { return .reshape(source.type(node).shape) }
      return source.operation(node)
    }
    graph = unclipped.replacingWithInputs(
      Dictionary(uniqueKeysWithValues: recording.states.map { ($0.previous, "previous/\($0.previous.index)") }))
    count = source.count
  }

  /// Appends the equations that were appended to the copy to a graph that starts with the recording's equations.
  ///
  /// - Parameters:
  ///   - places: Substitutes for nodes of the copy, by default the nodes with the same numbers: for the appended
  ///     leaves, and for others as needed.
  ///   - aliases: Leaves that stand for earlier values of the copy, so that derivatives within the copy hold these
  ///     fixed.
  ///   - stopsAliases: Whether derivatives of the result hold them fixed as well.
  /// - Returns: The substitute for each node of the copy.
  func bringBack(
    to target: inout Graph, places given: [NodeID: NodeID], aliases: [NodeID: NodeID] = [:], stopsAliases: Bool = false
  ) -> [NodeID] {
    let read = Set(graph.nodes.dropFirst(count).flatMap { graph.operands($0) })
      .filter { $0.index < count && given[$0] == nil }.sorted()
    let unmarked = Dictionary(uniqueKeysWithValues: zip(read, target.appendUnmarked(read)))
    var places: [NodeID] = []
    for node in graph.nodes {
      if let place = given[node] {
        places.append(place)
      } else if let alias = aliases[node] {
        let place = places[alias.index]
        places.append(stopsAliases ? target.append(.stopGradient, [place]) : place)
      } else if node.index < count {
        places.append(unmarked[node] ?? node)
      } else {
        let operands = graph.operands(node).map { places[$0.index] }
        places.append(target.appendUnchecked(graph.operation(node), operands, graph.type(node)))
      }
    }
    return places
  }
}
