internal import EbbGraph
package import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The coordinates of a state: its features, at all indices of the axes that its cell declared for itself.
extension Graph {
  /// The axes of fixed length that no input has and along which no recurrence runs, such as the heads, rows or slots of a
  /// cell. They are coordinates of a state, and all other axes but time are samples.
  var coordinateAxes: Domain {
    var others = Domain(shifts.compactMap { operation($0).shift?.axis })
    for node in nodes where operation(node) == .input { others = others.union(type(node).domain) }
    return Domain(axes.indices.filter { axes[$0].length != nil }.map { Axis($0) }).subtracting(others)
  }

  /// The number of coordinates of a value: its features, times the lengths of those of these axes that it has.
  func coordinateCount(of node: NodeID, along axes: Domain) -> Int {
    type(node).domain.intersection(axes).reduce(type(node).shape.count) { $0 * (description(of: $1).length ?? 1) }
  }

  /// Appends a value's coordinates as one vector, with those of these axes that it has before its features.
  mutating func appendCoordinates(of node: NodeID, along axes: Domain) -> NodeID {
    var vector = flattened(node)
    for axis in Array(type(node).domain.intersection(axes)).reversed() {
      vector = flattened(append(.axisToFeature(axis), [vector]))
    }
    return vector
  }

  /// Appends ‖x‖₂ over a value's coordinates: over its features, then over those of these axes that it has.
  mutating func appendNorm(of node: NodeID, along axes: Domain) -> NodeID {
    var norm = appendNorm(of: node)
    for axis in type(node).domain.intersection(axes) {
      norm = appendNorm(of: append(.axisToFeature(axis), [norm]))
    }
    return norm
  }
}

extension Recording {
  /// The number of coordinates of a state at one step: its features, at all indices of the axes of its cell.
  package func coordinateCount(of state: StateDescription) -> Int {
    graph.coordinateCount(of: state.value, along: graph.coordinateAxes)
  }
}
