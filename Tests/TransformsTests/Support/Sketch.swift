import EbbGraph
import EbbTensors

/// A graph under construction by hand, together with values for its leaves: the subject of a test.
struct Sketch {
  var graph = Graph()
  var bindings = Bindings(seed: 7)
  private var lengths: [Int] = []
  private var drawn: UInt32 = 0
  /// The float leaves, in order: what a check differentiates by.
  private(set) var leaves: [NodeID] = []

  // MARK: Axes

  mutating func axis(_ name: String, _ kind: AxisDescription.Kind, _ length: Int, isFixed: Bool = false) -> Axis {
    lengths.append(length)
    bindings.lengths[name] = length
    return graph.addAxis(AxisDescription(name: name, kind: kind, length: isFixed ? length : nil))
  }

  /// Makes a time axis ragged with these lengths of the rows of `rows`.
  mutating func setRagged(_ time: Axis, _ rows: Axis, _ values: [Int32]) {
    let name = "lengths_" + graph.description(of: time).name
    graph.setLengths(integers(name, [rows], values), of: time)
  }

  func dimensions(_ type: NodeType) -> [Int] { type.domain.map { lengths[$0.index] } + type.shape.array }

  // MARK: Leaves

  /// Numbers in [−1, 1) that depend on how many were drawn before.
  mutating func numbers(_ count: Int, from low: Double = -1, to high: Double = 1) -> [Double] {
    let stream = RandomStream(seed: 11, stream: 3)
    return (0..<count).map { _ in
      drawn += 1
      return low + (high - low) * stream.value(.uniform, at: SIMD3(drawn, 0, 0), element: 0)
    }
  }

  mutating func parameter(_ name: String, _ shape: Shape = .scalar, from low: Double = -1, to high: Double = 1)
    -> NodeID
  {
    leaf(.parameter, name, NodeType(.float64, .empty, shape), numbers(shape.count, from: low, to: high))
  }

  mutating func input(
    _ name: String, _ domain: Domain, _ shape: Shape = .scalar, from low: Double = -1, to high: Double = 1
  ) -> NodeID {
    let type = NodeType(.float64, domain, shape)
    return leaf(.input, name, type, numbers(dimensions(type).reduce(1, *), from: low, to: high))
  }

  /// A float leaf with these numbers.
  mutating func leaf(_ operation: Operation, _ name: String, _ type: NodeType, _ values: [Double]) -> NodeID {
    bindings.values[name] = Tensor(dimensions(type), values)
    let node = graph.appendLeaf(operation, type, name: name)
    leaves.append(node)
    return node
  }

  mutating func integers(_ name: String, _ domain: Domain, _ values: [Int32]) -> NodeID {
    let type = NodeType(.int32, domain)
    bindings.values[name] = Tensor(dimensions(type), values)
    return graph.appendLeaf(.input, type, name: name)
  }

  mutating func constant(_ value: Double, _ shape: Shape = .scalar) -> NodeID {
    graph.appendLeaf(.constant(value), NodeType(.float64, .empty, shape))
  }
  mutating func integer(_ value: Int) -> NodeID {
    graph.appendLeaf(.constant(Double(value)), NodeType(.int32))
  }

  // MARK: Equations

  mutating func callAsFunction(_ operation: Operation, _ operands: NodeID...) -> NodeID {
    graph.append(operation, operands)
  }
  mutating func unary(_ function: UnaryFunction, _ x: NodeID) -> NodeID { self(.unary(function), x) }
  mutating func add(_ x: NodeID, _ y: NodeID) -> NodeID { self(.binary(.add), x, y) }
  mutating func multiply(_ x: NodeID, _ y: NodeID) -> NodeID { self(.binary(.multiply), x, y) }
  /// A vector times a matrix: Σᵢ xᵢ wᵢⱼ.
  mutating func times(_ x: NodeID, _ w: NodeID) -> NodeID { self(.product(.dimensions(0, 0), over: []), x, w) }
  mutating func sum(_ x: NodeID, over axes: Domain) -> NodeID { self(.reduceAxes(.sum, over: axes), x) }

  /// A state: its delay, to be given its next value by `next`; the last `next` settles the domains.
  mutating func state(_ operation: Operation, initial: NodeID) -> NodeID {
    do {
      return try graph.appendOpen(operation, boundary: initial)
    } catch {
      preconditionFailure(error.message)
    }
  }

  mutating func next(_ state: NodeID, _ value: NodeID) {
    do {
      try graph.close(state, with: value)
      let isClosed = graph.shifts.allSatisfy { graph.operand($0, 0) != .open }
      if isClosed { try graph.inferDomains() }
    } catch {
      preconditionFailure(error.message)
    }
  }

  /// Σ over all features and axes: a scalar loss.
  mutating func total(_ x: NodeID) -> NodeID {
    var result = x
    for dimension in (0..<graph.type(x).shape.rank).reversed() {
      result = self(.reduceFeatures(.sum, dimension: dimension), result)
    }
    while !graph.type(result).domain.isEmpty { result = sum(result, over: graph.type(result).domain) }
    return result
  }
}
