internal import EbbGraph
internal import EbbTensors

/// The order of concatenated gates: one order for a cell's recurrent and input weights and for the adjoints of its
/// gates, so that forward and backward share one concatenation of the weights.
///
/// Weights in one sum belong to one gate: h·U_f + x·W_f. Gates are ordered by the declaration of their first weights.
/// The first sum in which weights occur defines the gate; sums of adjoints come later.
struct GateOrder {
  private var gates: [NodeID: Int] = [:]

  init(_ editor: GraphEditor) {
    for root in editor.sourceNodes where editor.isWholeSum(root) {
      var weights: [NodeID] = []
      for term in editor.terms(of: root) where editor.graph.isProduct(term) {
        let right = editor.operand(term, 1)
        if editor.isMatrixOfWeights(right) { weights.append(editor.origin(of: right).node) }
      }
      guard let first = weights.map(\.index).min() else { continue }
      for weight in weights where gates[weight] == nil { gates[weight] = first }
    }
  }

  /// Sorts weights by gate, then by declaration, then by their offset in the declared parameter.
  func key(_ weight: NodeID, in editor: GraphEditor) -> (Int, Int, Int) {
    let (node, offset) = editor.origin(of: weight)
    return (gates[node] ?? node.index, node.index, offset)
  }
}

extension GraphEditor {
  /// The declared weight that contains a matrix, and the matrix's offset in it.
  fileprivate func origin(of weight: NodeID) -> (node: NodeID, offset: Int) {
    var node = resolved(weight)
    var offset = 0
    while true {
      if case .slice(_, let start, _) = operation(node) { offset += start }
      guard isPartOrWhole(operation(node)) else { return (node, offset) }
      node = operand(node, 0)
    }
  }

  private func isPartOrWhole(_ operation: EbbGraph.Operation) -> Bool {
    if case .slice = operation { return true }
    if case .transpose = operation { return true }
    if case .reshape = operation { return true }
    if case .concatenate = operation { return true }
    return false
  }
}
