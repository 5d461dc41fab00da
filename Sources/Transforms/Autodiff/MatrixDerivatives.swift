internal import EbbGraph
internal import EbbTensors

/// The derivatives of functions of matrices, as equations with the same functions, so that they can be differentiated
/// again.
extension ReverseMode {
  mutating func pullBackMatrix(
    _ function: MatrixFunction, _ y: NodeID, _ ȳ: NodeID, _ operands: [NodeID], _ wanted: [Int]
  ) {
    let a = operands[0]
    switch function {
    // A x = b:  b̄ += A⁻ᵀ x̄,  A̅ −= (A⁻ᵀ x̄) xᵀ
    case .solve:
      let b̄ = append(.matrix(.solve), [transposed(a), ȳ])
      if wanted.contains(1) { add(b̄, to: operands[1]) }
      if wanted.contains(0) {
        let contraction: Contraction = shape(y).rank == 1 ? .outer : .dimensions(1, 1)
        add(negate(append(.product(contraction, over: .empty), [b̄, y])), to: a)
      }
    // A̅ += L(Aᵀ, Ȳ): the adjoint of the Fréchet derivative L(A, ·) is L(Aᵀ, ·)  (Higham 2008, section 3.2)
    case .matrixExponential:
      add(derivativeOfExponential(at: transposed(a), along: ȳ), to: a)
    // A̅ += [Q T + (I − Q Qᵀ) Q̅] R⁻ᵀ, where T is the part of QᵀQ̅ − Q̅ᵀQ below the diagonal
    case .orthonormalFactor:
      let inner = contract(y, 0, ȳ, 0)
      let lower = triangle(subtract(inner, transposed(inner)), .greater)
      // Q T + Q̅ − Q (QᵀQ̅)
      let along = add(ȳ, contract(y, 1, subtract(lower, inner), 0))
      add(dividedByTriangle(along, of: y, a, transposed: true), to: a)
    }
  }
}

extension ForwardMode {
  mutating func tangent(
    of function: MatrixFunction, _ y: NodeID, _ operands: [NodeID], _ moving: [Int]
  ) -> NodeID {
    let a = operands[0]
    switch function {
    // ẋ = A⁻¹ (ḃ − Ȧ x)
    case .solve:
      var right: NodeID?
      if moving.contains(1) { right = tangent(y, 1) }
      if moving.contains(0) {
        let moved = contract(tangent(y, 0), 1, y, 0)
        right = right.map { subtract($0, moved) } ?? negate(moved)
      }
      guard let right else { preconditionFailure("nothing moves the node") }
      return append(.matrix(.solve), [a, right])
    // Ẏ = L(A, Ȧ)
    case .matrixExponential:
      return derivativeOfExponential(at: a, along: tangent(y, 0))
    // Q̇ = Q Ω + (I − Q Qᵀ) S with S = Ȧ R⁻¹, where the skew Ω has the entries of QᵀS below its diagonal
    case .orthonormalFactor:
      let s = dividedByTriangle(tangent(y, 0), of: y, a, transposed: false)
      let inner = contract(y, 0, s, 0)
      let lower = triangle(inner, .greater)
      let turn = subtract(subtract(lower, transposed(lower)), inner)
      return add(s, contract(y, 1, turn, 0))
    }
  }
}

extension EquationWriter {
  /// Aᵀ
  fileprivate mutating func transposed(_ a: NodeID) -> NodeID { append(.transpose(0, 1), [a]) }

  /// The product that sums over one dimension of each.
  fileprivate mutating func contract(_ x: NodeID, _ i: Int, _ y: NodeID, _ j: Int) -> NodeID {
    append(.product(.dimensions(i, j), over: .empty), [x, y])
  }

  /// The entries of a matrix whose row compares so with their column; 0 elsewhere.
  fileprivate mutating func triangle(_ x: NodeID, _ comparison: Comparison) -> NodeID {
    let shape = self.shape(x)
    let isKept = compare(comparison, entryNumbers(shape, along: 0), entryNumbers(shape, along: 1))
    return keep(x, where: isKept)
  }

  /// L(A, E) = lim (e^(A + hE) − e^A) / h: the block at the top right of the exponential of [[A, E], [0, A]]
  /// (Higham 2008, equation 3.16).
  ///
  /// L is linear in E. A large E is scaled to entries of at most 1, since the exponential would be scaled for it, and its
  /// diagonal blocks would lose digits.
  fileprivate mutating func derivativeOfExponential(at a: NodeID, along e: NodeID) -> NodeID {
    let n = shape(a)[0]
    let size = largestMagnitude(e)
    let one = constant(1, like: e)
    let scale = append(.stopGradient, [select(compare(.greater, size, one), size, one)])
    let upper = append(.concatenate(dimension: 1), [a, divide(e, scale)])
    let lower = append(.pad(dimension: 1, before: n, after: 0), [a])
    let whole = append(.concatenate(dimension: 0), [upper, lower])
    let rows = append(.slice(dimension: 0, start: 0, count: n), [append(.matrix(.matrixExponential), [whole])])
    return multiply(append(.slice(dimension: 1, start: n, count: n), [rows]), scale)
  }

  /// X R⁻¹, or X R⁻ᵀ, with R = QᵀA.
  fileprivate mutating func dividedByTriangle(
    _ x: NodeID, of q: NodeID, _ a: NodeID, transposed isTransposed: Bool
  ) -> NodeID {
    let r = withZeroPivots(triangle(contract(q, 0, a, 0), .lessOrEqual), rows: shape(a)[0])
    // X R⁻¹ = (R⁻ᵀ Xᵀ)ᵀ
    let divisor = isTransposed ? r : transposed(r)
    return transposed(append(.matrix(.solve), [divisor, transposed(x)]))
  }

  /// R with 0 for what rounding left on its diagonal where a column of A depends on those before, so that solutions are
  /// NaN: |rⱼⱼ| at most m ε times the largest number of its column.
  private mutating func withZeroPivots(_ r: NodeID, rows m: Int) -> NodeID {
    let sizes = unary(.absolute, r)
    let largest = append(.reduceFeatures(.max, dimension: 0), [sizes])
    let ε = type(r).element == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let limits = multiply(largest, constant(Double(m) * ε, like: r))
    let limit = append(.broadcast(dimension: 0, count: shape(r)[0]), [limits])
    let isBelow = compare(.greater, entryNumbers(shape(r), along: 1), entryNumbers(shape(r), along: 0))
    return keep(r, where: append(.binary(.or), [isBelow, compare(.greater, sizes, limit)]))
  }
}
