public import EbbTensors

/// Names a node of a graph: its position in the graph's list of equations.
public struct NodeID: Hashable, Comparable, Sendable {
  private let raw: Int32
  /// The position, from 0; −1 for an operand that is still open.
  public var index: Int { Int(raw) }
  /// The node at this position.
  public init(_ index: Int) { raw = Int32(index) }

  /// The carried operand of a delay that has not been closed yet.
  public static let open = NodeID(-1)

  public static func < (left: NodeID, right: NodeID) -> Bool { left.raw < right.raw }
}

/// The type of a node: its element type, the axes that index it, and the shape of its features at one index.
public struct NodeType: Hashable, Sendable {
  /// The element type.
  public var element: ElementType
  /// Which axes index it.
  public var domain: Domain
  /// The feature shape at one index.
  public var shape: Shape

  /// A type; by default a scalar without axes.
  public init(_ element: ElementType, _ domain: Domain = .empty, _ shape: Shape = .scalar) {
    self.element = element
    self.domain = domain
    self.shape = shape
  }
}
