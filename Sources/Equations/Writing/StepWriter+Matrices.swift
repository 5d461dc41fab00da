internal import EbbGraph
internal import EbbTensors

/// Products, and functions of matrices.
extension StepWriter {
  /// A power of each entry, which of a matrix has a sign of its own.
  func power(_ base: Expression, _ exponent: Expression, of node: NodeID) -> Expression {
    rank(node) == 2 ? .entryPower(base, exponent) : Expression(.power(base, exponent))
  }

  /// Whether what is written of a vector is a row: xᵀ A and what is computed from it entry by entry.
  private func isRow(_ node: NodeID) -> Bool {
    let node = graph.alias(node)
    guard names[node] == nil, rank(node) == 1 else { return false }
    if let (_, inner) = composites.match(node, in: graph) { return isRow(inner) }
    if case .product(.dimensions, let over) = graph.operation(node) {
      let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
      return over.isEmpty && rank(a) == 1 && rank(b) == 2 && changes(b)
    }
    let isEntrywise = graph.operation(node).isElementwise || graph.operation(node).shift != nil
    // Of two the first one decides that has entries.
    return isEntrywise && (graph.operands(node).first { rank($0) == 1 }.map(isRow) ?? false)
  }

  /// A value as a column.
  mutating func column(_ node: NodeID, steps: Int) -> Expression {
    let value = value(node, steps: steps)
    return isRow(node) ? value.transposed : value
  }

  mutating func product(_ node: NodeID, _ contraction: Contraction, _ over: Domain, steps: Int) -> Expression {
    let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
    let (x, y) = (column(a, steps: steps), column(b, steps: steps))
    if !over.isEmpty { return productOverSteps(node, contraction, x, y) }
    switch contraction {
    case .outer:
      guard rank(a) == 1, rank(b) == 1 else { return fail(node, "a product of more than two dimensions") }
      // What stays the same is stored transposed.
      return changes(node) ? .row([x, y.transposed]) : .row([y, x.transposed])
    case .dimensions(let i, let j):
      switch (rank(a), rank(b)) {
      case (1, 1): return .row([x.transposed, y])
      case (1, 2):
        // The stored matrix contracts its dimension j with the vector.
        if !changes(b) { return .row([j == 0 ? y : y.transposed, x]) }
        return .row([x.transposed, j == 0 ? y : y.transposed])
      case (2, 1):
        if !changes(a) { return fail(node, "a matrix before a vector") }
        return .row([i == 1 ? x : x.transposed, y])
      case (2, 2):
        // Of two stored transposes the product is the transpose of the product in the other order.
        if !changes(a), !changes(b) { return .row([j == 0 ? y : y.transposed, i == 1 ? x : x.transposed]) }
        let (left, right) = (changes(a) ? x : x.transposed, changes(b) ? y : y.transposed)
        return .row([i == 1 ? left : left.transposed, j == 0 ? right : right.transposed])
      case (_, _): return fail(node, "a product of more than two dimensions")
      }
    }
  }

  /// Σ_t of a product, whose matrix is stored transposed as that is whose gradient it is.
  private mutating func productOverSteps(
    _ node: NodeID, _ contraction: Contraction, _ x: Expression, _ y: Expression
  ) -> Expression {
    let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
    guard !changes(node) else { return fail(node, "a sum over samples") }
    switch contraction {
    case .outer:
      if rank(a) + rank(b) <= 1 { return .call(.sumOverSteps, [.row([y, x])]) }
      guard rank(a) == 1, rank(b) == 1 else { return fail(node, "a product of more than two dimensions") }
      // Σ δ xᵀ is the gradient of W.
      return .call(.sumOverSteps, [.row([y, x.transposed])])
    case .dimensions(let i, let j):
      guard changes(a), changes(b) else { return fail(node, "a sum over samples of what stays the same") }
      switch (rank(a), rank(b)) {
      case (1, 1): return .call(.sumOverSteps, [.row([x.transposed, y])])
      case (1, 2): return .call(.sumOverSteps, [.row([x.transposed, j == 0 ? y : y.transposed])])
      case (2, 1): return .call(.sumOverSteps, [.row([i == 1 ? x : x.transposed, y])])
      case (2, 2): return .call(.sumOverSteps, [.row([j == 0 ? y.transposed : y, i == 1 ? x.transposed : x])])
      case (_, _): return fail(node, "a product of more than two dimensions")
      }
    }
  }

  /// A⁻¹, e^A and A⁻¹ b. The first two of a matrix that is stored transposed are the transposes of what they are of it.
  mutating func matrix(_ function: MatrixFunction, _ node: NodeID, steps: Int) -> Expression {
    let operands = Array(graph.operands(node))
    switch function {
    case .matrixExponential: return .call(.expm, [value(operands[0], steps: steps)])
    case .solve where graph.isIdentityMatrix(operands[1]):
      return Expression(.power(value(operands[0], steps: steps), Expression(.number(-1))))
    case .solve:
      let written = operands.map { operand in
        let value = column(operand, steps: steps)
        return rank(operand) == 2 && !changes(operand) ? value.transposed : value
      }
      let result = Expression.call(.solve, written)
      return rank(node) == 2 && !changes(node) ? result.transposed : result
    case .orthonormalFactor: return fail(node, "the orthonormal factor of a matrix")
    }
  }
}

extension Graph {
  /// The vector of which every row is a copy, so that beside I it is the diagonal of a matrix; nil for anything else.
  func spreadDiagonal(_ node: NodeID) -> NodeID? {
    guard type(node).shape.rank == 2, case .broadcast(dimension: 0, _) = operation(node) else { return nil }
    return type(operand(node, 0)).shape.rank == 1 ? operand(node, 0) : nil
  }
}
