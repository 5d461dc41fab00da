internal import EbbGraph
internal import EbbTensors

/// Makes products of sums of elementwise products, so that no term is stored.
///
///     Σⱼ aⱼ bⱼ over features           → a · b       one of them is the same along an axis of the other
///     Σₛ wₛ vₛ over axes               → w ⊗ v       w is one number
///
/// These are products of matrices and vectors that differ from sample to sample: what a query reads of a memory, the
/// scores of attention and its mean.
struct FuseContractions: Pass {
  var name: String { "fuse-contractions" }
  var purpose: String { "makes products of sums of elementwise products, so that no term is stored" }

  func run(_ graph: Graph) -> Graph {
    graph.rewritten { editor, node in
      if graph.operation(node) == .reduceFeatures(.sum, dimension: 0) {
        guard let (a, b) = editor.factors(of: editor.operand(node, 0)),
          editor.type(a).shape.rank == 1, editor.type(b).shape == editor.type(a).shape,
          !editor.type(a).domain.isEmpty, !editor.type(b).domain.isEmpty, editor.type(a).domain != editor.type(b).domain
        else { return nil }
        return editor.make(.product(.dimensions(0, 0), over: .empty), [a, b])
      }
      if case .reduceAxes(.sum, let over) = graph.operation(node) {
        guard !graph.type(node).domain.isEmpty, let (a, b) = editor.factors(of: editor.operand(node, 0)),
          editor.type(a).shape.rank + editor.type(b).shape.rank <= 1
        else { return nil }
        return editor.make(.product(.outer, over: over), [a, b])
      }
      return nil
    }
  }
}

extension GraphEditor {
  /// The factors of a product of floats without other uses.
  fileprivate func factors(of value: NodeID) -> (NodeID, NodeID)? {
    guard operation(value) == .binary(.multiply), useCount(value) == 1, type(value).element.isFloat else { return nil }
    let (a, b) = (operand(value, 0), operand(value, 1))
    guard ![a, b].contains(where: { if case .constant = operation($0) { true } else { false } }) else { return nil }
    return (a, b)
  }
}
