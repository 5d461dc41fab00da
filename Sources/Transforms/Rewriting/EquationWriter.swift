package import EbbGraph
package import EbbTensors

/// Writes equations in the notation of formulas: each function appends nodes to a graph and returns the last.
///
/// Graphs are writers, and so are transforms that append to a graph; these have one node per constant.
package protocol EquationWriter {
  func type(_ node: NodeID) -> NodeType
  func description(of axis: Axis) -> AxisDescription
  func lengthsDomain(of domain: Domain) -> Domain
  mutating func append(_ operation: Operation, _ operands: [NodeID]) -> NodeID
  /// A constant of this type, without axes.
  mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape) -> NodeID
}

extension Graph: EquationWriter {
  package mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape) -> NodeID {
    appendLeaf(.constant(value), NodeType(element, .empty, shape))
  }
}

extension EquationWriter {
  package func domain(_ node: NodeID) -> Domain { type(node).domain }
  package func shape(_ node: NodeID) -> Shape { type(node).shape }
  package func element(_ node: NodeID) -> ElementType { type(node).element }

  package mutating func constant(_ value: Double, _ element: ElementType) -> NodeID {
    constant(value, element, .scalar)
  }
  /// A number of another node's element type, broadcast over that node's features and axes.
  package mutating func constant(_ value: Double, like node: NodeID) -> NodeID { constant(value, element(node)) }
  package mutating func integer(_ value: Int) -> NodeID { constant(Double(value), .int32) }

  /// Zeros of exactly this type.
  package mutating func zeros(_ type: NodeType) -> NodeID {
    spread(constant(0, type.element, type.shape), to: type.domain)
  }

  package mutating func unary(_ function: UnaryFunction, _ x: NodeID) -> NodeID { append(.unary(function), [x]) }
  package mutating func binary(_ function: BinaryFunction, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.binary(function), [x, y])
  }
  package mutating func add(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.add, x, y) }
  package mutating func subtract(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.subtract, x, y) }
  package mutating func multiply(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.multiply, x, y) }
  package mutating func divide(_ x: NodeID, _ y: NodeID) -> NodeID { binary(.divide, x, y) }
  package mutating func negate(_ x: NodeID) -> NodeID { unary(.negate, x) }
  package mutating func square(_ x: NodeID) -> NodeID { unary(.square, x) }
  package mutating func compare(_ comparison: Comparison, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.compare(comparison), [x, y])
  }
  package mutating func select(_ condition: NodeID, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.select, [condition, x, y])
  }
  /// x where the condition holds, else 0: never a product with a mask, because 0 · NaN is not 0.
  package mutating func keep(_ x: NodeID, where condition: NodeID) -> NodeID {
    let zero = constant(0, like: x)
    return select(condition, x, zero)
  }
  /// 0 where the condition holds, else x.
  package mutating func drop(_ x: NodeID, where condition: NodeID) -> NodeID {
    let zero = constant(0, like: x)
    return select(condition, zero, x)
  }
  package mutating func converted(_ x: NodeID, to element: ElementType) -> NodeID {
    self.element(x) == element ? x : append(.convert(element), [x])
  }

  /// x where it is greater than 0, else 1: a safe divisor or argument of a logarithm. A NaN stays.
  package mutating func positiveOrOne(_ x: NodeID) -> NodeID {
    let isNotPositive = compare(.lessOrEqual, x, constant(0, like: x))
    return select(isNotPositive, constant(1, like: x), x)
  }

  /// Σ of the terms; there is at least one.
  package mutating func sum(of terms: [NodeID]) -> NodeID {
    terms.dropFirst().reduce(terms[0]) { add($0, $1) }
  }

  /// The largest of the terms; there is at least one.
  package mutating func maximum(of terms: [NodeID]) -> NodeID {
    terms.dropFirst().reduce(terms[0]) { binary(.maximum, $0, $1) }
  }
}
