internal import EbbGraph
internal import EbbTensors

/// Products with the terms of a matrix. A number stands for a vector with that number in every entry.
extension GraphEditor {
  /// M x, for the terms of M.
  mutating func product(of found: [MatrixTerm], withVector x: NodeID, _ terms: MatrixTerms) -> NodeID {
    sum(of: found) { $0.product(of: $1, withVector: x, terms) }
  }

  /// diag(r) C diag(c) x, without the sign.
  private mutating func product(of term: MatrixTerm, withVector x: NodeID, _ terms: MatrixTerms) -> NodeID {
    let x = scaled(x, by: term.scales.filter { $0.part == .columns })
    var result: NodeID
    switch term.core {
    case .identity:
      result = x
    case .diagonal(let matrix):
      result = multiply(diagonal(of: matrix, terms), x)
    case .outer(let u, let v):
      result = multiply(u, make(.reduceFeatures(.sum, dimension: 0), [multiply(v, x)]))
    case .product(let node, let isTransposed):
      // A (B x), or Bᵀ (Aᵀ x).
      let (a, i, b, j) = factors(of: node)
      result =
        isTransposed
        ? contraction(b, j, contraction(a, 1 - i, x)) : contraction(a, i, contraction(b, 1 - j, x))
    case .weights(let matrix, let isTransposed):
      result = contraction(matrix, isTransposed ? 0 : 1, x)
    }
    return scaled(result, by: term.scales.filter { $0.part != .columns })
  }

  /// The product of a term with a matrix P, on whichever side; the columns of the term and the dimension i of P are
  /// contracted.
  mutating func product(
    of term: MatrixTerm, withMatrix p: NodeID, _ i: Int, isLeft: Bool, _ terms: MatrixTerms
  ) -> NodeID {
    let columns = term.scales.filter { $0.part == .columns }
    let others = term.scales.filter { $0.part != .columns }
    let one = constant(1, type(p).element)
    switch term.core {
    case .outer(let u, let v):
      // M P = u (Pᵀ v)ᵀ, and P Mᵀ = (P v) uᵀ.
      let (left, right) = (scaled(u, by: others), contraction(p, i, scaled(v, by: columns)))
      return make(.product(.outer, over: []), isLeft ? [left, right] : [right, left])
    case .weights(let weights, let isTransposed):
      let matrix = scaled(p, along: i, by: scaled(one, by: columns))
      let j = isTransposed ? 0 : 1
      let product =
        isLeft
        ? make(.product(.dimensions(j, i), over: []), [weights, matrix])
        : make(.product(.dimensions(i, j), over: []), [matrix, weights])
      return scaled(product, along: isLeft ? 0 : 1, by: scaled(one, by: others))
    case .identity, .diagonal:
      var entries = one
      if case .diagonal(let matrix) = term.core { entries = diagonal(of: matrix, terms) }
      let matrix = scaled(p, along: i, by: scaled(entries, by: term.scales))
      // What is contracted are the rows of P where the term stands on the left, and its columns on the right.
      return i == (isLeft ? 0 : 1) ? matrix : make(.transpose(0, 1), [matrix])
    case .product:
      preconditionFailure("a product of matrices is not multiplied by a third one as a term")
    }
  }

  /// The entries on the diagonal of a matrix with terms.
  private mutating func diagonal(of matrix: NodeID, _ terms: MatrixTerms) -> NodeID {
    let element = type(matrix).element
    return sum(of: terms[matrix]) { $0.scaled($0.diagonal(of: $1, element, terms), by: $1.scales) }
  }

  private mutating func diagonal(of term: MatrixTerm, _ element: ElementType, _ terms: MatrixTerms) -> NodeID {
    switch term.core {
    case .identity: return constant(1, element)
    case .diagonal(let inner): return diagonal(of: inner, terms)
    case .outer(let u, let v): return make(.binary(.multiply), [u, v])
    case .weights(let weights, _):
      let entries = make(.binary(.multiply), [weights, identityMatrix(type(weights).shape[0], element)])
      return make(.reduceFeatures(.sum, dimension: 1), [entries])
    case .product(let node, _):
      // Σᵣ Aᵢᵣ Bᵣᵢ, with both stored in one order.
      let (a, i, b, j) = factors(of: node)
      let other = i == j ? b : make(.transpose(0, 1), [b])
      return make(.reduceFeatures(.sum, dimension: i), [make(.binary(.multiply), [a, other])])
    }
  }

  // MARK: Parts

  /// The sum of the terms' values, each with its sign.
  mutating func sum(
    of terms: [MatrixTerm], _ value: (inout GraphEditor, MatrixTerm) -> NodeID
  ) -> NodeID {
    let ordered = terms.filter { !$0.isNegative } + terms.filter(\.isNegative)
    var result = value(&self, ordered[0])
    if ordered[0].isNegative { result = make(.unary(.negate), [result]) }
    for term in ordered.dropFirst() {
      result = make(.binary(term.isNegative ? .subtract : .add), [result, value(&self, term)])
    }
    return result
  }

  /// The factors of a product of matrices, and the dimension of each that is contracted.
  private func factors(of product: NodeID) -> (a: NodeID, i: Int, b: NodeID, j: Int) {
    guard case .product(.dimensions(let i, let j), _) = source.operation(product) else {
      preconditionFailure("a term is a product that is none of matrices")
    }
    return (source.operand(product, 0), i, source.operand(product, 1), j)
  }

  /// x y entry by entry; 1 y = y.
  private mutating func multiply(_ x: NodeID, _ y: NodeID) -> NodeID {
    uniformValue(of: x) == 1 ? y : uniformValue(of: y) == 1 ? x : make(.binary(.multiply), [x, y])
  }

  private mutating func scaled(_ x: NodeID, by scales: [MatrixTerm.Scale]) -> NodeID {
    var result = x
    for scale in scales {
      result =
        scale.function == .multiply
        ? multiply(result, scale.factor) : make(.binary(scale.function), [result, scale.factor])
    }
    return result
  }

  /// A matrix with its entries along a dimension scaled by those of a vector.
  private mutating func scaled(_ matrix: NodeID, along dimension: Int, by vector: NodeID) -> NodeID {
    guard type(vector).shape.rank == 1 else { return multiply(matrix, vector) }
    let count = type(matrix).shape[1 - dimension]
    return multiply(matrix, make(.broadcast(dimension: 1 - dimension, count: count), [vector]))
  }

  /// Σ over a dimension of a matrix, each entry times that of a vector.
  private mutating func contraction(_ matrix: NodeID, _ dimension: Int, _ vector: NodeID) -> NodeID {
    type(vector).shape.rank == 1
      ? make(.product(.dimensions(0, dimension), over: []), [vector, matrix])
      : multiply(make(.reduceFeatures(.sum, dimension: dimension), [matrix]), vector)
  }

  private mutating func identityMatrix(_ count: Int, _ element: ElementType) -> NodeID {
    let numbers = make(.iota(count), [])
    let sides = [1, 0].map { make(.broadcast(dimension: $0, count: count), [numbers]) }
    return make(.convert(element), [make(.compare(.equal), sides)])
  }
}
