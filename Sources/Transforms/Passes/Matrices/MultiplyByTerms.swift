internal import EbbGraph
internal import EbbTensors

/// Multiplies by the terms of a matrix that varies, where none of them has to be made:
///
///     (α I − β k kᵀ) q         → α q − β k (kᵀ q)
///     S (α I − β k kᵀ)         → α S − (S k) (β k)ᵀ
///     (D + diag(v)) h          → D h + v ⊙ h
///     (A B) q                  → A (B q)                  if A B is not made for others
///     diag(A B)                → Σᵣ Aᵢᵣ Bᵣᵢ               written as a sum of I ⊙ (A B) over a dimension
///
/// So a transition costs what its equations say and not a product of matrices, however it is written. A zero of I or of a
/// diagonal is no number here: where one would meet an infinity, the product of the whole is NaN, and this is not.
struct MultiplyByTerms: Pass {
  var name: String { "multiply-by-terms" }
  var purpose: String { "multiplies by the diagonals and outer products that a matrix is a sum of, without making it" }

  func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { graph.isVaryingMatrix($0) }) else { return graph }
    let terms = MatrixTerms(graph)
    return graph.rewritten { $0.byTerms($1, terms) }
  }
}

extension GraphEditor {
  /// The node from the terms of a matrix that it reads, or nil.
  fileprivate mutating func byTerms(_ node: NodeID, _ terms: MatrixTerms) -> NodeID? {
    let operands = Array(source.operands(node))
    if case .reduceFeatures(.sum, let dimension) = source.operation(node) {
      guard case .reshape = source.operation(operands[0]) else {
        return sums(operands[0], dimension, type(node), terms)
      }
      // The sum of all entries of a matrix that was made a vector.
      let matrix = source.operand(operands[0], 0)
      guard source.type(operands[0]).shape.rank == 1, source.isVaryingMatrix(matrix) else { return nil }
      var type = source.type(matrix)
      type.shape = type.shape.removing(1)
      return sums(matrix, 1, type, terms).map { make(.reduceFeatures(.sum, dimension: 0), [$0]) }
    }
    guard case .product(.dimensions(let i, let j), let over) = source.operation(node) else { return nil }
    let (left, right) = (operands[0], operands[1])
    guard let product = product(left, i, with: right, j, terms) ?? product(right, j, with: left, i, terms, isLeft: true)
    else { return nil }
    var result = type(node)
    result.domain = source.type(left).domain.union(source.type(right).domain)
    guard let whole = conform(product, to: result) else { return nil }
    return over.isEmpty ? whole : make(.reduceAxes(.sum, over: over), [whole])
  }

  /// The sums of a matrix over a dimension: those of rows are M 1, those of columns Mᵀ 1.
  private mutating func sums(_ matrix: NodeID, _ dimension: Int, _ type: NodeType, _ terms: MatrixTerms) -> NodeID? {
    let found = terms.useful(matrix).map { dimension == 1 ? $0 : $0.transposed }
    guard !found.isEmpty else { return nil }
    return conform(product(of: found, withVector: constant(1, type.element), terms), to: type)
  }

  /// The product of a vector or a matrix x with a matrix that has terms, contracted along these dimensions; or nil.
  ///
  /// - Parameter isLeft: Whether the matrix with terms stands on the left.
  private mutating func product(
    _ x: NodeID, _ i: Int, with matrix: NodeID, _ j: Int, _ terms: MatrixTerms, isLeft: Bool = false
  ) -> NodeID? {
    let found = terms.useful(matrix).map { j == 1 ? $0 : $0.transposed }
    guard !found.isEmpty else { return nil }
    let hasProducts = !found.allSatisfy(\.isSmall)
    if source.type(x).shape.rank == 1 {
      // A product of matrices that meets many vectors is a matrix of weights for them.
      guard !hasProducts || source.type(x).domain.isSubset(of: source.type(matrix).domain) else { return nil }
      return product(of: found, withVector: x, terms)
    }
    guard source.type(x).shape.rank == 2, !hasProducts else { return nil }
    return sum(of: found) { $0.product(of: $1, withMatrix: x, i, isLeft: isLeft, terms) }
  }
}
