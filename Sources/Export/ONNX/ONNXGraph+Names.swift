internal import EbbInterchange

extension ONNXBuilder {
  /// Gives a computed tensor the name of an output; false if it is no tensor that an operator computes, or an output
  /// already.
  mutating func rename(_ name: String, to output: String) -> Bool {
    guard !outputNames.contains(name), nodes.contains(where: { $0.outputs.contains(name) }) else { return false }
    outputNames.insert(output)
    guard name != output else { return true }
    for index in nodes.indices { nodes[index].rename(name, to: output) }
    _ = names.claim(output)
    return true
  }
}

extension ONNXNode {
  /// Renames a tensor where the operator reads or computes it, also inside.
  fileprivate mutating func rename(_ old: String, to new: String) {
    inputs = inputs.map { $0 == old ? new : $0 }
    if outputs.first == old, name == old { name = new }
    outputs = outputs.map { $0 == old ? new : $0 }
    for index in attributes.indices {
      guard case .graph(var inner) = attributes[index].value else { continue }
      for node in inner.nodes.indices { inner.nodes[node].rename(old, to: new) }
      attributes[index].value = .graph(inner)
    }
  }

  /// The tensors that the operator reads, also inside.
  fileprivate var reads: [String] {
    inputs
      + attributes.flatMap { attribute -> [String] in
        guard case .graph(let inner) = attribute.value else { return [] }
        return inner.nodes.flatMap(\.reads) + inner.outputs.map(\.name)
      }
  }
}

extension ONNXGraph {
  /// Removes operators and weights that nothing reads.
  mutating func removeUnused() {
    var needed = Set(outputs.map(\.name))
    var kept: [ONNXNode] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      kept.append(node)
      needed.formUnion(node.reads)
    }
    nodes = kept.reversed()
    initializers = initializers.filter { needed.contains($0.name) }
  }
}
