internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

/// The equations of one step as a graph without a recurrence, in which the states that the step reads are inputs; and a
/// way to bring equations that were appended to it back into the recording's graph.
///
/// Derivatives of one step can so be taken apart from those of the whole sequence. They are those of the step's values:
/// clips of adjoints are left out, and what is brought back reads values without clips and truncation, so that it can be
/// differentiated.
///
/// Of the diagnostics, `StepDifferential` takes the same copy, in forward mode, on which clips do not act, and runs it by itself;
/// `DetachedStep` stays in the recording's graph and ends the derivative there. A regularizer is trained through, so it
/// needs both: derivatives of the step alone, and a way back to the equations on which the parameters act.
struct StepCopy {
  /// The recording's equations, node by node at the same places, with an input for each delay.
  var graph: Graph
  /// How many equations the recording has.
  let count: Int

  init(_ recording: Recording) {
    let source = recording.graph
    let unclipped = source.mapOperations { node in
      if case .clipGradient = source.operation(node) { return .reshape(source.type(node).shape) }
      return source.operation(node)
    }
    graph = unclipped.replacingWithInputs(
      Dictionary(uniqueKeysWithValues: recording.states.map { ($0.previous, "previous/\($0.previous.index)") }))
    count = source.count
  }

  /// Appends to a graph that begins with the recording's equations those that were appended to the copy.
  ///
  /// - Parameters:
  ///   - places: What stands for nodes of the copy, instead of the node at the same place: for the leaves that were
  ///     appended, and for others as needed.
  ///   - aliases: Leaves that stand for an earlier value of the copy, so that derivatives within the copy hold it fixed.
  ///   - stopsAliases: Whether derivatives of what is brought back hold it fixed as well.
  /// - Returns: For each node of the copy the one that stands for it.
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
