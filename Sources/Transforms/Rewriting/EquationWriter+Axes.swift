package import EbbGraph
package import EbbTensors

/// Sums, broadcasts and searches over features and axes.
extension EquationWriter {
  /// Σ over these axes; the node itself if there are none.
  ///
  /// The sum over a ragged axis is indexed by the rows of its lengths. Values here always have their rows (see
  /// `ReverseMode`), so no row is counted twice.
  package mutating func summed(_ x: NodeID, over axes: Domain) -> NodeID {
    axes.isEmpty ? x : append(.reduceAxes(.sum, over: axes), [x])
  }

  /// Σ over all axes.
  package mutating func total(of x: NodeID) -> NodeID { summed(x, over: domain(x)) }

  /// x broadcast over the axes of `domain` that it lacks.
  package mutating func spread(_ x: NodeID, to domain: Domain) -> NodeID {
    var missing = domain.subtracting(self.domain(x))
    var result = x
    for axis in missing where !lengthsDomain(of: [axis]).isSubset(of: domain) {
      // `spread` over a ragged axis would add its rows. A selection by the index adds the axis alone.
      let exists = compare(.greaterOrEqual, append(.axisIndex(axis), []), integer(0))
      result = select(exists, result, result)
      missing = missing.removing(axis)
    }
    return missing.isEmpty ? result : append(.spread(missing), [result])
  }

  /// A scalar repeated to this feature shape.
  package mutating func repeated(_ x: NodeID, to shape: Shape) -> NodeID {
    var result = x
    guard self.shape(x) != shape else { return x }
    for dimension in 0..<shape.rank {
      result = append(.broadcast(dimension: dimension, count: shape[dimension]), [result])
    }
    return result
  }

  /// x in another feature shape with the same number of entries.
  package mutating func reshaped(_ x: NodeID, to shape: Shape) -> NodeID {
    self.shape(x) == shape ? x : append(.reshape(shape), [x])
  }

  /// Σ over all features.
  package mutating func summedOverFeatures(_ x: NodeID) -> NodeID {
    var result = x
    for dimension in (0..<shape(x).rank).reversed() {
      result = append(.reduceFeatures(.sum, dimension: dimension), [result])
    }
    return result
  }

  /// All features as one vector.
  package mutating func flattened(_ x: NodeID) -> NodeID { shape(x).rank == 1 ? x : reshaped(x, to: [shape(x).count]) }

  /// Σᵢ xᵢ yᵢ over all features.
  package mutating func dot(_ x: NodeID, _ y: NodeID) -> NodeID {
    let product = multiply(x, y)
    return shape(product).rank == 0 ? product : append(.reduceFeatures(.sum, dimension: 0), [flattened(product)])
  }

  /// maxᵢ |xᵢ| over all features.
  package mutating func largestMagnitude(_ x: NodeID) -> NodeID {
    append(.reduceFeatures(.max, dimension: 0), [flattened(unary(.absolute, x))])
  }

  /// x / ‖x‖₂ along a feature dimension, where y = ‖x‖₂; 0 where y is 0.
  ///
  /// Computed as (s x) / ‖s x‖, where s is 1, or a power of two if ‖x‖ is denormal, and so imprecise, or has
  /// overflowed.
  package mutating func direction(of x: NodeID, norm y: NodeID, alongFeature dimension: Int) -> NodeID {
    let range = extremes(of: element(x))
    let one = constant(1, like: y)
    let isLarge = compare(.greater, y, constant(range.large, like: y))
    let isSmall = compare(.less, y, constant(range.small, like: y))
    let enlarged = select(isSmall, constant(1 / range.small, like: y), one)
    let scale = select(isLarge, constant(1 / range.large, like: y), enlarged)
    let each = Operation.broadcast(dimension: dimension, count: shape(x)[dimension])
    let scaled = multiply(x, append(each, [scale]))
    let norm = append(.reduceFeatures(.norm, dimension: dimension), [scaled])
    let divisor = select(compare(.equal, norm, constant(0, like: y)), one, norm)
    return divide(scaled, append(each, [divisor]))
  }

  /// Powers of two beyond which a norm counts as extreme. They are far from the ends of the range, and so are the norms
  /// that they scale to near 1.
  package func extremes(of element: ElementType) -> (small: Double, large: Double) {
    element == .float64 ? (0x1p-800, 0x1p800) : (0x1p-100, 0x1p100)
  }

  /// Whether each entry of x is the first largest one along feature dimension `dimension`.
  package mutating func isFirstMaximum(_ x: NodeID, alongFeature dimension: Int) -> NodeID {
    let shape = self.shape(x)
    let largest = append(.argmaxFeatures(dimension: dimension), [x])
    let position = append(.broadcast(dimension: dimension, count: shape[dimension]), [largest])
    return compare(.equal, entryNumbers(shape, along: dimension), position)
  }

  /// The index of each entry along one feature dimension of a shape: 0, 1, 2, …
  package mutating func entryNumbers(_ shape: Shape, along dimension: Int) -> NodeID {
    var numbers = append(.iota(shape[dimension]), [])
    for other in 0..<shape.rank where other != dimension {
      numbers = append(.broadcast(dimension: other, count: shape[other]), [numbers])
    }
    return numbers
  }

  /// v where x is the first of its largest values over all of these axes, else 0: earlier axes take precedence, but a
  /// ragged axis is searched within each row.
  package mutating func keep(_ v: NodeID, whereFirstMaximumOf x: NodeID, over axes: Domain) -> NodeID {
    // The innermost axis first: rows must still exist when their ragged axis is searched.
    let ragged = axes.filter { description(of: $0).lengths != nil }
    let regular = axes.filter { description(of: $0).lengths == nil }
    var remaining = x
    var result = v
    for axis in ragged.reversed() + regular.reversed() {
      let position = append(.argmaxAxis(axis), [remaining])
      let index = append(.axisIndex(axis), [])
      result = keep(result, where: compare(.equal, index, position))
      remaining = append(.reduceAxes(.max, over: [axis]), [remaining])
    }
    return result
  }
}
