internal import EbbGraph
internal import EbbTransforms

/// Layers that are the two directions of one.
extension RecurrentLayers {
  /// Pairs of a forward and a backward layer with the same cell and inputs, of which neither needs the other.
  ///
  /// - Returns: For each layer of a pair the other one.
  static func partners(_ layers: [RecurrentLayer], in graph: Graph) -> [Int: Int] {
    guard layers.contains(where: \.isBackward), layers.contains(where: { !$0.isBackward }) else { return [:] }
    // The layers whose results each layer reads, directly or through others.
    var needed = layers.map { layer -> Set<Int> in
      let read = Set(graph.ancestors(of: layer.inputs + layer.initial))
      return Set(layers.indices.filter { layers[$0].results.contains(where: read.contains) })
    }
    var partners: [Int: Int] = [:]
    for first in layers.indices where !layers[first].isBackward {
      let fitting = layers.indices.filter { second in
        layers[second].isBackward && partners[second] == nil && layers[first].isSameCell(as: layers[second])
          && !needed[first].contains(second) && !needed[second].contains(first)
      }
      let sibling = fitting.first { layers[$0].parentScope == layers[first].parentScope }
      guard let second = sibling ?? fitting.first else { continue }
      (partners[first], partners[second]) = (second, first)
      // What needs one of them now needs both, so that no two operations wait for each other.
      let both = needed[first].union(needed[second])
      (needed[first], needed[second]) = (both, both)
      for index in layers.indices where needed[index].contains(first) || needed[index].contains(second) {
        needed[index].formUnion(both.union([first, second]))
      }
    }
    return partners
  }
}

extension RecurrentLayer {
  /// The nodes that are replaced: h at every step, and the last steps of states.
  fileprivate var results: [NodeID] { [sequence] + ends.map(\.node) }

  /// The scope around its own.
  fileprivate var parentScope: [Substring] { scope.split(separator: ".").dropLast() }

  /// Whether two layers differ in direction, weights and initial states alone.
  fileprivate func isSameCell(as other: RecurrentLayer) -> Bool {
    kind == other.kind && units == other.units && axis == other.axis && batch == other.batch && inputs == other.inputs
  }
}
