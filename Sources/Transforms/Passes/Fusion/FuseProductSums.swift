internal import EbbGraph
internal import EbbTensors

/// Fuses a sum of products with weights into one product: Σ_g δ_g·W_gᵀ = [δ_1, δ_2, …]·[W_1, W_2, …]ᵀ.
///
/// Inside a recurrence fewer and larger products are always better. Outside, only values computed from products (the
/// adjoints of gates) are concatenated; plain inputs are not copied for this.
struct FuseProductSums: Pass {
  var name: String { "fuse-product-sums" }
  var purpose: String { "makes a sum of products with weights one product" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    let recurrences = RecurrenceMap(graph)
    let order = GateOrder(editor)
    let isFromProduct = graph.fromProducts

    /// The properties that terms must share to become one product.
    struct Kind: Hashable {
      let recurrence: Int
      let domain: Domain
      let contracted: Int
      let over: Domain
    }
    func kind(of term: NodeID) -> Kind? {
      // Products made by this pass are not fused again.
      guard term.index < graph.count, editor.useCount(term) == 1,
        case .product(.dimensions(0, let j), let over) = graph.operation(term)
      else { return nil }
      let (left, right) = (editor.operand(term, 0), editor.operand(term, 1))
      guard editor.type(left).shape.rank == 1, editor.isMatrixOfWeights(right),
        recurrences[term] != RecurrenceMap.outside || isFromProduct.contains(graph.operand(term, 0))
      else { return nil }
      return Kind(recurrence: recurrences[term], domain: editor.type(left).domain, contracted: j, over: over)
    }

    for root in graph.nodes where editor.isLive(root) && editor.isWholeSum(root) {
      let terms = editor.terms(of: root)
      var fused: [NodeID: NodeID] = [:]
      var absorbed: Set<NodeID> = []
      for (kind, alike) in terms.grouped(by: kind) {
        // Of products with one vector, the first.
        var vectors: Set<NodeID> = []
        let members = alike.filter { vectors.insert(editor.operand($0, 0)).inserted }
        guard members.count > 1 else { continue }
        let sorted = members.sorted {
          order.key(editor.operand($0, 1), in: editor) < order.key(editor.operand($1, 1), in: editor)
        }
        let left = editor.concatenate(sorted.map { editor.operand($0, 0) }, 0)
        let right = editor.concatenate(sorted.map { editor.operand($0, 1) }, kind.contracted)
        fused[members[0]] = editor.make(graph.operation(members[0]), [left, right])
        absorbed.formUnion(members.dropFirst())
      }
      guard !fused.isEmpty else { continue }
      let rest = terms.filter { !absorbed.contains($0) }.map { fused[$0] ?? $0 }
      editor.replace(root, with: editor.sum(rest))
    }
    return editor.finished()
  }
}
