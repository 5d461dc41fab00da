package import EbbGraph

/// Node-by-node copies of a graph, in which each node keeps its number.
extension Graph {
  /// The same equations with each of these nodes replaced by an input with this name.
  ///
  /// If the delays of a recurrence are replaced, this is one step: a function of the previous states, without a cycle.
  package func replacingWithInputs(_ names: [NodeID: String]) -> Graph {
    guard !names.isEmpty else { return self }
    var copy = GraphCopy(of: self)
    for node in nodes {
      if let name = names[node] {
        copy.put(copy.graph.appendLeaf(.input, type(node), name: name), for: node)
      } else {
        copy.append(node)
      }
    }
    return copy.finish()
  }

  /// The same equations with other operations, each of the same type.
  package func mapOperations(_ transform: (NodeID) -> Operation) -> Graph {
    var copy = GraphCopy(of: self)
    for node in nodes { copy.append(node, as: transform(node)) }
    return copy.finish()
  }

  /// The part of the graph that these outputs need, without other outputs, inputs, parameters or equations.
  package func part(for outputs: [String]) -> Graph {
    let ends = outputs.compactMap { output(named: $0) } + axes.compactMap(\.lengths)
    var copy = GraphCopy(of: self)
    for node in ancestors(of: ends) { copy.append(node) }
    var part = copy.finish()
    part.removeOutputs { !outputs.contains($0) }
    return part
  }
}
