internal import EbbGraph
internal import EbbTensors

/// Appends equations to a graph in the notation of formulas: what the derivative transforms share.
protocol GraphWriter {
  var graph: Graph { get set }
  /// The constants that the graph has, so that each value is one node.
  var constants: ConstantPool { get set }
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

extension GraphWriter {
  func domain(_ node: NodeID) -> Domain { graph.type(node).domain }
  func shape(_ node: NodeID) -> Shape { graph.type(node).shape }
  func element(_ node: NodeID) -> ElementType { graph.type(node).element }

  // MARK: Leaves

  mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape = .scalar) -> NodeID {
    let key = ConstantPool.Key(bits: value.bitPattern, element: element, shape: shape)
    if let known = constants.nodes[key] { return known }
    let node = graph.appendLeaf(.constant(value), NodeType(element, .empty, shape))
    constants.nodes[key] = node
    return node
  }
  /// A number of the element type of another node; it is repeated over that node's features and axes.
  mutating func constant(_ value: Double, like node: NodeID) -> NodeID { constant(value, element(node)) }
  mutating func integer(_ value: Int) -> NodeID { constant(Double(value), .int32) }

  /// Zeros of exactly this type.
  mutating func zeros(_ type: NodeType) -> NodeID {
    spread(constant(0, type.element, type.shape), to: type.domain)
  }

  // MARK: Elementwise

  mutating func unary(_ function: UnaryFunction, _ x: NodeID) -> NodeID { graph.append(.unary(function), [x]) }
  mutating func binary(_ function: BinaryFunction, _ x: NodeID, _ y: NodeID) -> NodeID {
    graph.append(.binary(function), [x, y])
  }
  mutating func add(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.add, x, y) }
  mutating func subtract(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.subtract, x, y) }
  mutating func multiply(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.multiply, x, y) }
  mutating func divide(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.divide, x, y) }
  mutating func negate(_ x: NodeID) -> NodeID { unary(.negate, x) }
  mutating func square(_ x: NodeID) -> NodeID { unary(.square, x) }
  mutating func compare(_ comparison: Comparison, _ x: NodeID, _ y: NodeID) -> NodeID {
    graph.append(.compare(comparison), [x, y])
  }
  mutating func select(_ condition: NodeID, _ x: NodeID, _ y: NodeID) -> NodeID {
    graph.append(.select, [condition, x, y])
  }
  /// x where the condition holds, else 0: never a product with a mask, because 0 · NaN is not 0.
  mutating func keep(_ x: NodeID, where condition: NodeID) -> NodeID {
    let zero = constant(0, like: x)
    return select(condition, x, zero)
  }
  /// 0 where the condition holds, else x.
  mutating func drop(_ x: NodeID, where condition: NodeID) -> NodeID {
    let zero = constant(0, like: x)
    return select(condition, zero, x)
  }

  // MARK: Shapes and axes

  /// Σ over these axes; the node itself if there are none.
  ///
  /// The sum over a ragged axis is indexed by the rows of its lengths. Values never lack rows here (see `ReverseMode`),
  /// so no row is counted twice.
  mutating func summed(_ x: NodeID, over axes: Domain) -> NodeID {
    axes.isEmpty ? x : graph.append(.reduceAxes(.sum, over: axes), [x])
  }

  /// x repeated over the axes of `domain` that it lacks.
  mutating func spread(_ x: NodeID, to domain: Domain) -> NodeID {
    var missing = domain.subtracting(self.domain(x))
    var result = x
    for axis in missing where !graph.lengthsDomain(of: [axis]).isSubset(of: domain) {
      // `spread` over a ragged axis brings its rows along. A choice by the index has the axis alone.
      let exists = compare(.greaterOrEqual, graph.append(.axisIndex(axis), []), integer(0))
      result = select(exists, result, result)
      missing = missing.removing(axis)
    }
    return missing.isEmpty ? result : graph.append(.spread(missing), [result])
  }

  /// A scalar repeated to this feature shape.
  mutating func repeated(_ x: NodeID, to shape: Shape) -> NodeID {
    var result = x
    guard self.shape(x) != shape else { return x }
    for dimension in 0..<shape.rank {
      result = graph.append(.broadcast(dimension: dimension, count: shape[dimension]), [result])
    }
    return result
  }

  /// x in another feature shape with the same number of entries.
  mutating func reshaped(_ x: NodeID, to shape: Shape) -> NodeID {
    self.shape(x) == shape ? x : graph.append(.reshape(shape), [x])
  }

  /// Σ over all features.
  mutating func summedOverFeatures(_ x: NodeID) -> NodeID {
    var result = x
    for dimension in (0..<shape(x).rank).reversed() {
      result = graph.append(.reduceFeatures(.sum, dimension: dimension), [result])
    }
    return result
  }

  /// x / ‖x‖₂ along a feature dimension, where y = ‖x‖₂; 0 where y is.
  ///
  /// (s x) / ‖s x‖ with s = 1, but a power of two where ‖x‖ has few digits, being denormal, or is infinite though no
  /// entry is.
  mutating func direction(of x: NodeID, norm y: NodeID, alongFeature dimension: Int) -> NodeID {
    let range = extremes(of: element(x))
    let one = constant(1, like: y)
    let isLarge = compare(.greater, y, constant(range.large, like: y))
    let isSmall = compare(.less, y, constant(range.small, like: y))
    let enlarged = select(isSmall, constant(1 / range.small, like: y), one)
    let scale = select(isLarge, constant(1 / range.large, like: y), enlarged)
    let each = Operation.broadcast(dimension: dimension, count: shape(x)[dimension])
    let scaled = multiply(x, graph.append(each, [scale]))
    let norm = graph.append(.reduceFeatures(.norm, dimension: dimension), [scaled])
    let divisor = select(compare(.equal, norm, constant(0, like: y)), one, norm)
    return divide(scaled, graph.append(each, [divisor]))
  }

  /// Powers of two beyond which a norm counts as extreme; both, and what they bring near 1, are far from the ends of
  /// the range.
  func extremes(of element: ElementType) -> (small: Double, large: Double) {
    element == .float64 ? (0x1p-800, 0x1p800) : (0x1p-100, 0x1p100)
  }

  /// Whether each entry of x is the first of the largest along feature dimension `dimension`.
  mutating func isFirstMaximum(_ x: NodeID, alongFeature dimension: Int) -> NodeID {
    let shape = self.shape(x)
    let largest = graph.append(.argmaxFeatures(dimension: dimension), [x])
    let position = graph.append(.broadcast(dimension: dimension, count: shape[dimension]), [largest])
    return compare(.equal, entryNumbers(shape, along: dimension), position)
  }

  /// The number of each entry along one feature dimension of a shape: 0, 1, 2, …
  mutating func entryNumbers(_ shape: Shape, along dimension: Int) -> NodeID {
    var numbers = graph.append(.iota(shape[dimension]), [])
    for other in 0..<shape.rank where other != dimension {
      numbers = graph.append(.broadcast(dimension: other, count: shape[other]), [numbers])
    }
    return numbers
  }

  /// v where x is the first of its largest values over all of these axes, else 0: earlier axes count more, except that a
  /// ragged axis is searched within each row.
  mutating func keep(_ v: NodeID, whereFirstMaximumOf x: NodeID, over axes: Domain) -> NodeID {
    // The innermost axis first: rows must still be there when the ragged axis that they index is searched.
    let ragged = axes.filter { graph.description(of: $0).lengths != nil }
    let regular = axes.filter { graph.description(of: $0).lengths == nil }
    var remaining = x
    var result = v
    for axis in ragged.reversed() + regular.reversed() {
      let position = graph.append(.argmaxAxis(axis), [remaining])
      let index = graph.append(.axisIndex(axis), [])
      result = keep(result, where: compare(.equal, index, position))
      remaining = graph.append(.reduceAxes(.max, over: [axis]), [remaining])
    }
    return result
  }
}
