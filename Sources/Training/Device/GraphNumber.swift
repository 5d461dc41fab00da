internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// The graph that numbers of one formula are written into.
final class GraphPen {
  var graph: Graph

  init(_ graph: Graph) { self.graph = graph }
}

/// All numbers of a parameter in an optimizer's formula: a node.
struct GraphNumber: UpdateNumber {
  let pen: GraphPen
  let node: NodeID

  static func + (left: Self, right: Self) -> Self { left.with { $0.add(left.node, right.node) } }
  static func - (left: Self, right: Self) -> Self { left.with { $0.subtract(left.node, right.node) } }
  static func * (left: Self, right: Self) -> Self { left.with { $0.multiply(left.node, right.node) } }
  static func / (left: Self, right: Self) -> Self { left.with { $0.divide(left.node, right.node) } }
  var root: Self { with { $0.unary(.sqrt, node) } }
  var sign: Self { with { $0.unary(.sign, node) } }
  var orZero: Self { with { $0.unary(.relu, node) } }
  func orLarger(_ other: Self) -> Self { with { $0.binary(.maximum, node, other.node) } }
  var withFiniteSquare: Self { limited(to: pen.graph.type(node).element == .float64 ? 0x1p508 : 0x1p60) }

  /// Between −c and c.
  func limited(to limit: Double) -> Self {
    with { graph in
      let low = graph.binary(.maximum, node, graph.constant(-limit, like: node))
      return graph.binary(.minimum, low, graph.constant(limit, like: node))
    }
  }

  private func with(_ write: (inout Graph) -> NodeID) -> Self { GraphNumber(pen: pen, node: write(&pen.graph)) }
}
