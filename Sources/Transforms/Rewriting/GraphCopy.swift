package import EbbGraph

/// A copy of a graph in progress, in which a rewriting replaces some equations.
///
///     var copy = GraphCopy(of: source)
///     for node in source.nodes {
///       if … { copy.put(…, for: node) } else { copy.append(node) }
///     }
///     return copy.finish()
///
/// A delay's carried operand may come later; the copy closes the cycle once every node has its image.
package struct GraphCopy {
  /// The graph whose equations are copied.
  package let source: Graph
  /// The graph to which the copies are appended.
  package var graph: Graph
  /// For each node of the source its image.
  package private(set) var images: [NodeID]
  private var opened: [(image: NodeID, carried: NodeID)] = []

  /// Copies into a new graph with the same axes. A node has no image until it is copied.
  package init(of source: Graph) {
    self.source = source
    graph = Graph()
    for axis in source.axes {
      var axis = axis
      axis.lengths = nil
      _ = graph.addAxis(axis)
    }
    images = Array(repeating: .open, count: source.count)
  }

  /// Copies equations of a graph to its end. A node is its own image until it is copied.
  package init(within graph: Graph) {
    source = graph
    self.graph = graph
    images = Array(graph.nodes)
  }

  /// The image of a node of the source.
  package subscript(node: NodeID) -> NodeID { images[node.index] }

  /// Makes a node of the copy the image of a source node.
  package mutating func put(_ image: NodeID, for node: NodeID) { images[node.index] = image }

  /// Appends the equation of a node.
  ///
  /// - Parameters:
  ///   - operation: Another operation of the same type, if it is not the node's own.
  ///   - operands: The operands, if they are not the images of the node's operands.
  ///   - keepsName: Whether the copy has the node's name.
  @discardableResult
  package mutating func append(
    _ node: NodeID, as operation: Operation? = nil, on operands: [NodeID]? = nil, keepsName: Bool = true
  ) -> NodeID {
    var operands = operands ?? source.operands(node).map { images[$0.index] }
    let isOpen = source.operation(node).shift != nil && source.operand(node, 0) >= node
    if isOpen { operands[0] = .open }
    let image = graph.appendUnchecked(operation ?? source.operation(node), operands, source.type(node))
    if isOpen { opened.append((image, source.operand(node, 0))) }
    if keepsName, let name = source.name(node) { graph.setName(name, of: image) }
    images[node.index] = image
    return image
  }

  /// Closes the delays and advances.
  package mutating func close() {
    for (image, carried) in opened { graph.setOperand(image, 0, to: images[carried.index]) }
    opened = []
  }

  /// Closes cycles, sets the lengths of ragged axes and the outputs, as far as these have images.
  @discardableResult
  package mutating func finish() -> Graph {
    close()
    for (index, axis) in source.axes.enumerated() {
      if let lengths = axis.lengths, images[lengths.index] != .open {
        graph.setLengths(images[lengths.index], of: Axis(index))
      }
    }
    for output in source.outputs where images[output.node.index] != .open {
      graph.setOutput(output.name, images[output.node.index])
    }
    return graph
  }
}
