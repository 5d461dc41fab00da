internal import EbbGraph
internal import EbbTensors

/// Fuses products that share an operand, with concatenated weights: h·R_f, h·R_i, … are column ranges of h·[R_f, R_i,
/// …].
///
/// Only products in one recurrence, or outside all, are fused, and only with weights that no product computes. So a
/// product never waits for a result of another one in the same step.
struct FuseGateProducts: Pass {
  var name: String { "fuse-gate-products" }
  var purpose: String { "makes products that share an operand one product, with the weights side by side" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    let recurrences = RecurrenceMap(graph)
    let order = GateOrder(editor)
    let isFromProduct = graph.fromProducts

    /// The properties that products must share to be fused.
    struct Kind: Hashable {
      let left: NodeID
      let recurrence: Int
      let operation: Operation
    }
    let groups = graph.nodes.grouped { node -> Kind? in
      guard case .product(.dimensions, _) = graph.operation(node) else { return nil }
      let right = graph.operand(node, 1)
      guard editor.isMatrixOfWeights(right), !isFromProduct.contains(right) else { return nil }
      return Kind(left: graph.operand(node, 0), recurrence: recurrences[node], operation: graph.operation(node))
    }

    for (kind, members) in groups where members.count > 1 {
      guard case .product(.dimensions(_, let contracted), _) = kind.operation else { continue }
      let sorted = members.sorted {
        order.key(graph.operand($0, 1), in: editor) < order.key(graph.operand($1, 1), in: editor)
      }
      let weights = editor.concatenate(sorted.map { graph.operand($0, 1) }, 1 - contracted)
      let whole = editor.make(kind.operation, [kind.left, weights])
      editor.replace(sorted, withSlicesOf: whole, dimension: editor.type(whole).shape.rank - 1)
    }
    return editor.finished()
  }
}

extension GraphEditor {
  /// Replaces nodes by consecutive ranges of a whole.
  mutating func replace(_ parts: [NodeID], withSlicesOf whole: NodeID, dimension: Int) {
    var start = 0
    for part in parts {
      let count = type(part).shape[dimension]
      replace(part, with: slice(whole, dimension, start, count))
      start += count
    }
  }
}
