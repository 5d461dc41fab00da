internal import EbbGraph

/// The recurrences that only move the rows of a matrix, such as a window of the last steps, and its gradient:
///
///     S′ = [S₂ … S_w, k]          δ = ∂L/∂S + [0, δ′₁ … δ′_{w−1}]
///
/// Such matrices stay whole: rows that follow one another are one run of numbers, which one copy moves. On an axis of their
/// own they would be put together and taken apart again at each step.
struct MovedRows {
  private let nodes: NodeSet

  init(_ graph: Graph, _ dimensions: RowDimensions) {
    let components = Components(graph)
    var found: [NodeID] = []
    for (index, members) in components.members.enumerated() where components.isCyclic[index] {
      let moves = members.map { Self.movesRows(graph, $0, dimensions) }
      guard moves.contains(true) else { continue }
      if zip(members, moves).allSatisfy({ $1 || Self.keepsRows(graph, $0) }) { found += members }
    }
    let moved = NodeSet(found, count: graph.count)
    var others = NodeSet(graph.outputs.map(\.node), count: graph.count)
    for node in graph.nodes where !moved.contains(node) {
      for operand in graph.operands(node) { others.insert(operand) }
    }
    // An outer product that is only added to them is computed as a matrix.
    for operand in Set(found.flatMap { graph.operands($0) }).sorted() where !moved.contains(operand) {
      guard case .product(.outer, _) = graph.operation(operand), graph.isVaryingMatrix(operand) else { continue }
      if !others.contains(operand) { found.append(operand) }
    }
    nodes = NodeSet(found, count: graph.count)
  }

  func contains(_ node: NodeID) -> Bool { nodes.contains(node) }

  /// Whether a node is composed of whole rows of matrices, the rows being their first dimension.
  private static func movesRows(_ graph: Graph, _ node: NodeID, _ dimensions: RowDimensions) -> Bool {
    let operation = graph.operation(node)
    guard graph.isVaryingMatrix(node), dimensions[graph.type(node).shape] == 0 else { return false }
    if case .slice(0, _, _) = operation { return true }
    if case .pad(0, _, _) = operation { return true }
    if case .concatenate(0) = operation { return true }
    return false
  }

  /// Whether a node is a matrix whose rows are where its operands have them.
  private static func keepsRows(_ graph: Graph, _ node: NodeID) -> Bool {
    guard graph.isVaryingMatrix(node) else { return false }
    let operation = graph.operation(node)
    return operation.shift != nil || operation == .binary(.add)
  }
}
