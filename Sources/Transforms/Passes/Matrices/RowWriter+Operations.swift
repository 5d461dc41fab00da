internal import EbbGraph
internal import EbbTensors

/// The equations of matrices by rows: one arm for each operation. What is written here of rows holds for columns where
/// these are the rows on the axis.
extension RowWriter {
  /// The image by rows of a node whose value has a natural one; nil for all other nodes.
  mutating func byRows(_ node: NodeID) -> NodeID? {
    let operation = source.operation(node)
    let operands = Array(source.operands(node))
    let isMatrix = source.isVaryingMatrix(node)
    switch operation {
    case .unary, .binary, .compare, .select, .convert, .stopGradient, .clipGradient, .declaredGradient:
      guard isMatrix, operation.isElementwise else { return nil }
      // A number stands for all features of a row, and for all rows.
      let rows = operands.map { source.type($0).shape.rank == 0 ? whole($0) : self.rows(of: $0) }
      return append(operation, rows)
    case .product(let contraction, let over):
      return product(node, contraction, over)
    case .broadcast(let dimension, let count):
      guard isMatrix else { return nil }
      // [n] → [m, n]: the same vector for each row. [m] → [m, n]: a number for each row, repeated over its features.
      return dimension == rowDimension(node)
        ? whole(operands[0]) : append(.broadcast(dimension: 0, count: count), [rows(of: operands[0])])
    case .transpose:
      // The rows of one are the columns of the other.
      guard isMatrix, rowDimension(operands[0]) != rowDimension(node) else { return nil }
      return rows(of: operands[0])
    case .concatenate(let dimension):
      guard isMatrix, dimension != rowDimension(node), operands.allSatisfy({ rowDimension($0) == rowDimension(node) })
      else { return nil }
      let rows = operands.map { self.rows(of: $0) }
      return append(.concatenate(dimension: 0), rows)
    case .slice(let dimension, let start, let count):
      guard isWithinRows(node, dimension) else { return nil }
      return append(.slice(dimension: 0, start: start, count: count), [rows(of: operands[0])])
    case .pad(let dimension, let before, let after):
      guard isWithinRows(node, dimension) else { return nil }
      return append(.pad(dimension: 0, before: before, after: after), [rows(of: operands[0])])
    case .reduceFeatures(let reduction, let dimension):
      guard source.isVaryingMatrix(operands[0]), dimension != rowDimension(operands[0]) else { return nil }
      return append(.reduceFeatures(reduction, dimension: 0), [rows(of: operands[0])])
    case .argmaxFeatures(let dimension):
      guard source.isVaryingMatrix(operands[0]), dimension != rowDimension(operands[0]) else { return nil }
      return append(.argmaxFeatures(dimension: 0), [rows(of: operands[0])])
    case .reduceAxes, .argmaxAxis, .pick, .place, .spread, .history, .historySum:
      guard source.isVaryingMatrix(operands[0]) else { return nil }
      let rest = operands.dropFirst().map { whole($0) }
      return append(operation, [alongAxes(operands[0])] + rest)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .reshape, .gather, .scatterAdd,
      .axisToFeature, .featureToAxis, .delay, .advance, .literal, .argsortFeatures, .gatherFeatures, .scatterFeatures,
      .accumulate, .matrix, .incomingAdjoint:
      return nil
    }
  }

  /// The rows with all axes of the node, but that of the rows only if they differ.
  private mutating func alongAxes(_ node: NodeID) -> NodeID {
    spread(rows(of: node), to: source.type(node).domain)
  }

  /// The image of a node that has the source's shape and is computed from rows; nil for all other nodes.
  mutating func wholeOfRows(_ node: NodeID) -> NodeID? {
    let operands = Array(source.operands(node))
    switch source.operation(node) {
    case .reduceFeatures(let reduction, let dimension):
      let matrix = operands[0]
      if source.isVaryingMatrix(matrix) {
        guard dimension == rowDimension(matrix) else { return nil }
        // Over the axis of rows, for each feature.
        switch reduction {
        case .sum: return append(.reduceAxes(.sum, over: [axis(rowCount(matrix))]), [allRows(of: matrix)])
        case .max: return append(.reduceAxes(.max, over: [axis(rowCount(matrix))]), [allRows(of: matrix)])
        case .mean, .norm: return nil
        }
      }
      // Of all entries of a matrix: those of each row, then those of all rows.
      guard case .reshape = source.operation(matrix), source.type(matrix).shape.rank == 1 else { return nil }
      let flattened = source.operand(matrix, 0)
      guard source.isVaryingMatrix(flattened), hasRows(flattened) else { return nil }
      let ofRows = append(.reduceFeatures(reduction, dimension: 0), [allRows(of: flattened)])
      let vector = append(.axisToFeature(axis(rowCount(flattened))), [ofRows])
      return append(.reduceFeatures(reduction, dimension: 0), [vector])
    case .product(.dimensions(let i, let j), let over):
      return contraction(operands[0], i, operands[1], j, over)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
      .featureToAxis, .delay, .advance, .stopGradient, .clipGradient, .literal, .argsortFeatures, .gatherFeatures,
      .scatterFeatures, .accumulate, .matrix, .history, .historySum, .declaredGradient, .incomingAdjoint:
      return nil
    }
  }

  /// Whether a slice or a pad of a matrix takes or adds features of each row.
  private func isWithinRows(_ node: NodeID, _ dimension: Int) -> Bool {
    let matrix = source.operand(node, 0)
    return source.isVaryingMatrix(matrix) && dimension != rowDimension(matrix)
      && rowDimension(matrix) == rowDimension(node)
  }

  // MARK: Products

  /// A product whose result has natural rows.
  private mutating func product(_ node: NodeID, _ contraction: Contraction, _ over: Domain) -> NodeID? {
    let (left, right) = (source.operand(node, 0), source.operand(node, 1))
    switch contraction {
    case .outer:
      // v kᵀ: vᵣ k.
      guard over.isEmpty, source.isVaryingMatrix(node) else { return nil }
      return rowDimension(node) == 0
        ? multiply(rows(of: left), whole(right)) : multiply(whole(left), rows(of: right))
    case .dimensions(let i, let j):
      if source.isVaryingMatrix(left), i != rowDimension(left) {
        if source.type(right).shape.rank == 1 { return rowSums(left, right, over) }
        return rowDimension(node) == 0 ? rowProducts(left, right, j, over) : nil
      }
      if source.isVaryingMatrix(right), j != rowDimension(right) {
        if source.type(left).shape.rank == 1 { return rowSums(right, left, over) }
        return rowDimension(node) == 1 ? rowProducts(right, left, i, over) : nil
      }
      return nil
    }
  }

  /// S q = Σⱼ Sᵣⱼ qⱼ for each row r, then Σ over axes.
  private mutating func rowSums(_ matrix: NodeID, _ vector: NodeID, _ over: Domain) -> NodeID? {
    guard isReadOnce(matrix, with: vector), !moved.contains(matrix) else { return nil }
    let terms = multiply(rows(of: matrix), whole(vector))
    return summed(append(.reduceFeatures(.sum, dimension: 0), [terms]), over: over)
  }

  /// S W for a matrix W of parameters: Sᵣ W for each row r.
  private mutating func rowProducts(_ matrix: NodeID, _ weights: NodeID, _ j: Int, _ over: Domain) -> NodeID? {
    guard over.isEmpty, source.type(weights).domain.isEmpty, source.type(weights).shape.rank == 2 else { return nil }
    return append(.product(.dimensions(0, j), over: []), [rows(of: matrix), whole(weights)])
  }

  /// A product that sums over the rows of one or of two varying matrices.
  private mutating func contraction(
    _ left: NodeID, _ i: Int, _ right: NodeID, _ j: Int, _ over: Domain
  ) -> NodeID? {
    let (isLeft, isRight) = (
      source.isVaryingMatrix(left) && i == rowDimension(left), source.isVaryingMatrix(right) && j == rowDimension(right)
    )
    if isLeft && isRight {
      // Sᵀ Z = Σᵣ Sᵣ ⊗ Zᵣ.
      let summed = over.inserting(axis(rowCount(left)))
      return append(.product(.outer, over: summed), [allRows(of: left), allRows(of: right)])
    }
    // vᵀ S = Σᵣ vᵣ Sᵣ.
    guard isLeft || isRight else { return nil }
    let (matrix, vector) = isLeft ? (left, right) : (right, left)
    let isVector = source.type(vector).shape.rank == 1
    guard isVector, isReadOnce(matrix, with: vector), !moved.contains(matrix) else { return nil }
    let terms = multiply(allRows(of: matrix), rows(of: vector))
    return summed(terms, over: over.inserting(axis(rowCount(matrix))))
  }

  /// Whether each matrix meets one vector only. A matrix that meets many, as the weights of a head do, is a matrix of
  /// weights for them.
  private func isReadOnce(_ matrix: NodeID, with vector: NodeID) -> Bool {
    source.type(vector).domain.isSubset(of: source.type(matrix).domain)
  }
}
