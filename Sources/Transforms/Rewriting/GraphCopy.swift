package import EbbGraph

/// A copy of equations in the making: those of a graph once more, but for what a rewriting puts in their place.
///
///     var copy = GraphCopy(of: source)
///     for node in source.nodes {
///       if … { copy.put(…, for: node) } else { copy.append(node) }
///     }
///     return copy.finish()
///
/// What a delay carries may come after it; the copy closes the cycle once everything has its image.
package struct GraphCopy {
  /// The graph whose equations are copied.
  package let source: Graph
  /// The graph to which the copies are appended.
  package var graph: Graph
  /// For each node of the source what stands for it.
  package private(set) var images: [NodeID]
  private var opened: [(image: NodeID, carried: NodeID)] = []

  /// Copies into a graph of its own, with the same axes. A node has no image until it is copied.
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

  /// Copies some equations of a graph behind them all. A node stands for itself until it is copied.
  package init(within graph: Graph) {
    source = graph
    self.graph = graph
    images = Array(graph.nodes)
  }

  /// What stands for a node of the source.
  package subscript(node: NodeID) -> NodeID { images[node.index] }

  /// Lets a node of the copy stand for one of the source.
  package mutating func put(_ image: NodeID, for node: NodeID) { images[node.index] = image }

  /// Appends the equation of a node.
  ///
  /// - Parameters:
  ///   - operation: Another operation of the same type, if it is not the node's own.
  ///   - operands: What it reads, if these are not the images of the node's operands.
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

  /// Gives delays and advances what they carry.
  package mutating func close() {
    for (image, carried) in opened { graph.setOperand(image, 0, to: images[carried.index]) }
    opened = []
  }

  /// Closes cycles, gives ragged axes their lengths and asks for the outputs, as far as these have images.
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
