public import EbbTensors

/// Names a node of a graph: its position in the graph's list of equations.
public struct NodeID: Hashable, Comparable, Sendable {
  private let raw: Int32
  public var index: Int { Int(raw) }
  public init(_ index: Int) { raw = Int32(index) }

  /// The carried operand of a delay that has not been closed yet.
  public static let open = NodeID(-1)

  public static func < (left: NodeID, right: NodeID) -> Bool { left.raw < right.raw }
}

/// The type of a node: what its numbers are, which axes index it, and its features at one index.
public struct NodeType: Hashable, Sendable {
  public var element: ElementType
  public var domain: Domain
  public var shape: Shape

  public init(_ element: ElementType, _ domain: Domain = .empty, _ shape: Shape = .scalar) {
    self.element = element
    self.domain = domain
    self.shape = shape
  }
}
