internal import EbbGraph
internal import EbbTensors

/// The terms of the matrices of a graph, as they are written:
///
///     α I − β k kᵀ          D + diag(v)          diag(g) W          A B
///
/// A matrix has terms here if none of them is a matrix that varies and has to be made, such as a state.
struct MatrixTerms {
  /// More terms than this are not worth their products with vectors.
  static let limit = 8

  private let graph: Graph
  private let readers: Readers
  private var terms: [[MatrixTerm]]
  /// The matrices that something reads entry by entry.
  private var whole: NodeSet

  init(_ graph: Graph) {
    self.graph = graph
    readers = Readers(graph)
    terms = Array(repeating: [], count: graph.count)
    whole = NodeSet(graph.outputs.map(\.node), count: graph.count)
    for node in graph.nodes where graph.type(node).shape.rank == 2 && graph.type(node).element.isFloat {
      let found = found(node)
      if found.count <= Self.limit { terms[node.index] = found }
    }
    for node in graph.nodes.reversed() where graph.isVaryingMatrix(node) {
      if readers[node].contains(where: { isWhole(node, for: $0) }) { whole.insert(node) }
    }
  }

  /// The terms of a matrix; none if it has to be made.
  subscript(node: NodeID) -> [MatrixTerm] { terms[node.index] }

  /// The terms of a matrix whose products are no longer than the product with the whole: a product of matrices that is
  /// made for others is not one of its factors' again.
  func useful(_ node: NodeID) -> [MatrixTerm] {
    guard graph.isVaryingMatrix(node) else { return [] }
    let found = terms[node.index]
    return found.contains(where: needsWhole) ? [] : found
  }

  /// Whether a term is a product of matrices that is made for others.
  private func needsWhole(_ term: MatrixTerm) -> Bool {
    switch term.core {
    case .identity, .outer, .weights: false
    case .diagonal(let matrix): terms[matrix.index].contains(where: needsWhole)
    case .product(let node, _): whole.contains(node)
    }
  }

  // MARK: Terms

  private func found(_ node: NodeID) -> [MatrixTerm] {
    let isFixed = graph.type(node).domain.isEmpty
    if graph.isIdentityMatrix(node) { return [MatrixTerm(core: .identity)] }
    let found = written(node)
    // Weights are made once, however they are written, unless they are nothing but diagonals and outer products.
    if isFixed, found.isEmpty || !found.allSatisfy(\.isThin) {
      return [MatrixTerm(core: .weights(node, isTransposed: false))]
    }
    return found
  }

  /// The terms of a matrix as its equation has them.
  private func written(_ node: NodeID) -> [MatrixTerm] {
    let operation = graph.operation(node)
    let operands = Array(graph.operands(node))
    switch operation {
    case .unary(.negate): return terms[operands[0].index].map(\.negated)
    case .spread: return terms[operands[0].index]
    case .transpose(let i, let j): return i == j ? [] : terms[operands[0].index].map(\.transposed)
    case .binary(.add), .binary(.subtract):
      let (a, b) = (terms[operands[0].index], terms[operands[1].index])
      guard !a.isEmpty, !b.isEmpty else { return [] }
      return a + (operation == .binary(.add) ? b : b.map(\.negated))
    case .binary(.multiply):
      for (matrix, factor) in [(operands[0], operands[1]), (operands[1], operands[0])] {
        if let scale = scale(.multiply, factor), !terms[matrix.index].isEmpty {
          return terms[matrix.index].map { $0.scaled(scale) }
        }
      }
      return entrywise(operands[0], operands[1]) ?? entrywise(operands[1], operands[0]) ?? []
    case .binary(.divide):
      guard let scale = scale(.divide, operands[1]) else { return [] }
      return terms[operands[0].index].map { $0.scaled(scale) }
    case .product(.outer, let over):
      let isOfVectors = operands.allSatisfy { graph.type($0).shape.rank == 1 }
      return over.isEmpty && isOfVectors ? [MatrixTerm(core: .outer(operands[0], operands[1]))] : []
    case .product(.dimensions, let over):
      return over.isEmpty ? [MatrixTerm(core: .product(node, isTransposed: false))] : []
    case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare,
      .select, .convert, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures,
      .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate, .matrix, .reduceAxes,
      .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance, .history, .historySum,
      .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      return []
    }
  }

  /// X ⊙ Y for a Y of diagonals and outer products: X ⊙ I = diag(X), and X ⊙ u vᵀ = diag(u) X diag(v).
  private func entrywise(_ x: NodeID, _ y: NodeID) -> [MatrixTerm]? {
    guard !terms[x.index].isEmpty, !terms[y.index].isEmpty else { return nil }
    var result: [MatrixTerm] = []
    for term in terms[y.index] {
      switch term.core {
      case .identity:
        result.append(MatrixTerm(core: .diagonal(of: x), isNegative: term.isNegative, scales: term.scales))
      case .outer(let u, let v):
        let vectors: [MatrixTerm.Scale] = [
          .init(function: .multiply, factor: u, part: .rows), .init(function: .multiply, factor: v, part: .columns),
        ]
        for other in terms[x.index] {
          result.append(
            MatrixTerm(
              core: other.core, isNegative: other.isNegative != term.isNegative,
              scales: other.scales + vectors + term.scales))
        }
      case .diagonal, .product, .weights: return nil
      }
    }
    return result
  }

  /// A factor that is one number, or one for each row or for each column of a matrix.
  private func scale(_ function: BinaryFunction, _ factor: NodeID) -> MatrixTerm.Scale? {
    if graph.type(factor).shape.rank == 0 { return .init(function: function, factor: factor, part: .all) }
    guard case .broadcast(let dimension, _) = graph.operation(factor) else { return nil }
    let repeated = graph.operand(factor, 0)
    switch graph.type(repeated).shape.rank {
    case 0: return .init(function: function, factor: repeated, part: .all)
    case 1: return .init(function: function, factor: repeated, part: dimension == 0 ? .columns : .rows)
    default: return nil
    }
  }

  // MARK: Readers

  /// Whether a reader needs the entries of a matrix, and not only its products with vectors.
  private func isWhole(_ node: NodeID, for reader: NodeID) -> Bool {
    let operands = Array(graph.operands(reader))
    switch graph.operation(reader) {
    case .unary(.negate), .spread, .transpose, .binary(.add), .binary(.subtract), .binary(.multiply), .binary(.divide):
      return terms[reader.index].isEmpty || whole.contains(reader)
    case .product(.dimensions, _):
      guard !terms[node.index].isEmpty, operands[0] != operands[1] else { return true }
      let other = operands[0] == node ? operands[1] : operands[0]
      return graph.type(other).shape.rank != 1 || !graph.type(other).domain.isSubset(of: graph.type(node).domain)
    case .reduceFeatures(.sum, _):
      return terms[node.index].isEmpty
    case .reshape:
      // To add up all of its entries.
      let isSummed = readers[reader].allSatisfy { graph.operation($0) == .reduceFeatures(.sum, dimension: 0) }
      return terms[node.index].isEmpty || graph.type(reader).shape.rank != 1 || !isSummed
    case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare,
      .select, .convert, .product, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate, .matrix,
      .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance, .history,
      .historySum, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      return true
    }
  }
}
