internal import EbbGraph
internal import EbbTensors

/// A transform that appends equations to the graph that it holds.
protocol GraphWriter: EquationWriter {
  var graph: Graph { get set }
  /// The constants of the graph, so that each value is one node.
  var constants: ConstantPool { get set }
}

extension GraphWriter {
  func type(_ node: NodeID) -> NodeType { graph.type(node) }
  func description(of axis: Axis) -> AxisDescription { graph.description(of: axis) }
  func lengthsDomain(of domain: Domain) -> Domain { graph.lengthsDomain(of: domain) }
  mutating func append(_ operation: Operation, _ operands: [NodeID]) -> NodeID { graph.append(operation, operands) }

  mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape) -> NodeID {
    let key = ConstantPool.Key(bits: value.bitPattern, element: element, shape: shape)
    if let known = constants.nodes[key] { return known }
    let node = graph.appendLeaf(.constant(value), NodeType(element, .empty, shape))
    constants.nodes[key] = node
    return node
  }
}

/// The constants of a graph by value and type.
struct ConstantPool {
  struct Key: Hashable {
    var bits: UInt64
    var element: ElementType
    var shape: Shape
  }
  var nodes: [Key: NodeID] = [:]

  init(of graph: Graph) {
    for node in graph.nodes {
      guard case .constant(let value) = graph.operation(node) else { continue }
      let type = graph.type(node)
      let key = Key(bits: value.bitPattern, element: type.element, shape: type.shape)
      if nodes[key] == nil { nodes[key] = node }
    }
  }
}
