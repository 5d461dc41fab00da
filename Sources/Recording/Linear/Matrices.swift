internal import EbbGraph
internal import EbbTensors

// Functions of whole matrices: of parameters once a run, of others at each index of their axes. They are computed in
// Float64. A matrix with an infinite or NaN entry gives NaN in every entry.

/// x with A x = b, for a square matrix A and a vector b, or the columns of a matrix b. NaN for a singular A.
///
/// For one A and a b at many indices, `inverse(A)` is computed once.
public func solve(_ a: Signal, _ b: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  a.noted("solve", fileID, line).recorder.record(.matrix(.solve), [a, b])
}

extension Scope {
  /// The identity matrix I with this many rows.
  ///
  /// A product with a sum of it, of diagonal matrices, outer products and weights is computed term by term:
  /// S (α I − β k kᵀ) as α S − (S k) (β k)ᵀ.
  public func identityMatrix(_ count: Int) -> Signal { recorder.identityMatrix(count, element) }
}

/// diag(v): the square matrix with the entries of a vector on its diagonal, and zeros beside them.
///
/// A product with it, or with a sum such as D + diag(v), is computed term by term: (D + diag(v)) h as D h + v ⊙ h.
public func diagonal(_ entries: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = entries.noted("diagonal", fileID, line).recorder
  guard let node = entries.node else { return recorder.signal(nil) }
  guard entries.shape.rank == 1 else {
    recorder.report("diagonal: a matrix has a vector on its diagonal, not \(entries.shape)", operands: [node])
    return recorder.signal(nil)
  }
  let count = entries.shape.count
  return recorder.identityMatrix(count, entries.element)
    * recorder.record(.broadcast(dimension: 0, count: count), [entries])
}

extension Recorder {
  /// I: 1 where the index of the row equals that of the column.
  fileprivate func identityMatrix(_ count: Int, _ element: ElementType) -> Signal {
    let numbers = record(.iota(count), [])
    let isDiagonal =
      record(.broadcast(dimension: 1, count: count), [numbers])
      .== record(.broadcast(dimension: 0, count: count), [numbers])
    return convert(isDiagonal, to: element)
  }
}

/// A⁻¹ of a square matrix. NaN for a singular one.
public func inverse(_ a: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = a.noted("inverse", fileID, line).recorder
  let count = a.shape.rank > 0 ? a.shape[0] : 1
  return recorder.record(.matrix(.solve), [a, recorder.identityMatrix(count, a.element)])
}

/// e^A = Σ Aᵏ / k! of a square matrix.
public func matrixExponential(_ a: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  a.noted("matrixExponential", fileID, line).recorder.record(.matrix(.matrixExponential), [a])
}

/// A = Q R for a matrix with at least as many rows as columns: orthonormal columns of Q, and R with zeros below its
/// diagonal.
///
/// The numbers on the diagonal of R are positive, which makes both unique for a matrix of full rank. Otherwise Q is
/// orthonormal still, but has no derivative: that is NaN.
public func qr(_ a: Signal, fileID: String = #fileID, line: Int = #line) -> (q: Signal, r: Signal) {
  let recorder = a.noted("qr", fileID, line).recorder
  let q = recorder.record(.matrix(.orthonormalFactor), [a])
  guard q.node != nil else { return (q, q) }
  let product = contract(q, a, .dimensions(0, 0))
  let count = a.shape[1]
  let numbers = recorder.record(.iota(count), [])
  let isUpper =
    recorder.record(.broadcast(dimension: 1, count: count), [numbers])
    .<= recorder.record(.broadcast(dimension: 0, count: count), [numbers])
  return (q, select(isUpper, product, 0))
}
