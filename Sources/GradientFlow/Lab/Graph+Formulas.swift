internal import EbbGraph
internal import EbbTensors

/// Equations in the notation of formulas: what the laboratory appends to a recording.
extension Graph {
  mutating func number(_ value: Double, _ element: ElementType, _ shape: Shape = .scalar) -> NodeID {
    appendLeaf(.constant(value), NodeType(element, .empty, shape))
  }
  mutating func number(_ value: Double, like node: NodeID) -> NodeID { number(value, type(node).element) }

  mutating func apply(_ function: UnaryFunction, _ x: NodeID) -> NodeID { append(.unary(function), [x]) }
  mutating func apply(_ function: BinaryFunction, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.binary(function), [x, y])
  }
  mutating func compare(_ comparison: Comparison, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.compare(comparison), [x, y])
  }
  mutating func choose(_ condition: NodeID, _ x: NodeID, _ y: NodeID) -> NodeID {
    append(.select, [condition, x, y])
  }
  mutating func converted(_ x: NodeID, to element: ElementType) -> NodeID {
    type(x).element == element ? x : append(.convert(element), [x])
  }

  /// Σ of the terms; nil if there are none.
  mutating func sum(of terms: [NodeID]) -> NodeID? {
    guard var result = terms.first else { return nil }
    for term in terms.dropFirst() { result = apply(.add, result, term) }
    return result
  }

  /// The largest of the terms; nil if there are none.
  mutating func maximum(of terms: [NodeID]) -> NodeID? {
    guard var result = terms.first else { return nil }
    for term in terms.dropFirst() { result = apply(.maximum, result, term) }
    return result
  }

  /// All features as one vector.
  mutating func flattened(_ x: NodeID) -> NodeID {
    type(x).shape.rank == 1 ? x : append(.reshape([type(x).shape.count]), [x])
  }

  /// Σᵢ xᵢ yᵢ over all features.
  mutating func dot(_ x: NodeID, _ y: NodeID) -> NodeID {
    append(.reduceFeatures(.sum, dimension: 0), [flattened(apply(.multiply, x, y))])
  }

  /// maxᵢ |xᵢ| over all features.
  mutating func largestMagnitude(_ x: NodeID) -> NodeID {
    append(.reduceFeatures(.max, dimension: 0), [flattened(apply(.absolute, x))])
  }

  /// x where it is greater than 0, else 1: what may be divided by, or of what a logarithm is taken. A NaN stays.
  mutating func positiveOrOne(_ x: NodeID) -> NodeID {
    choose(compare(.lessOrEqual, x, number(0, like: x)), number(1, like: x), x)
  }

  /// x repeated over those of these axes that it lacks.
  mutating func spread(_ x: NodeID, to domain: Domain) -> NodeID {
    let missing = domain.subtracting(type(x).domain)
    return missing.isEmpty ? x : append(.spread(missing), [x])
  }

  /// An axis under this name, or the name with as many primes as make it new.
  mutating func addAxis(named name: String, length: Int? = nil) -> Axis {
    var unused = name
    while axis(named: unused) != nil { unused += "'" }
    return addAxis(AxisDescription(name: unused, kind: .batch, length: length))
  }
}
