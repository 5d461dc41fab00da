internal import EbbGraph

/// Moves sums over axes into products: Σ_t (xₜ ⊗ δₜ) is one product over time, without storing all its terms.
struct FuseReductions: Pass {
  var name: String { "fuse-reductions" }
  var purpose: String { "lets products sum over axes themselves" }

  func run(_ graph: Graph) -> Graph {
    // Operands first: a sum of sums sinks after the inner one has.
    graph.rewritten { editor, node in
      guard case .reduceAxes(.sum, let over) = graph.operation(node) else { return nil }
      return editor.sunk(editor.operand(node, 0), over)
    }
  }
}

extension GraphEditor {
  /// Σ over axes of a value without other uses, or nil if no product can absorb the sum.
  fileprivate mutating func sunk(_ value: NodeID, _ over: Domain) -> NodeID? {
    if useCount(value) == 1, isSum(value) {
      // Σ (a + b + …) = Σ a + Σ b + …, if every term is a product with the same axes.
      let terms = terms(of: value)
      guard terms.allSatisfy({ graph.isProduct($0) && useCount($0) == 1 && over.isSubset(of: type($0).domain) }),
        terms.allSatisfy({ type($0) == type(value) })
      else { return nil }
      let sums = terms.compactMap { sunk($0, over) }
      return sums.count == terms.count ? sum(sums) : nil
    }
    guard useCount(value) == 1, case .product(let contraction, let inner) = operation(value) else { return nil }
    // Σ_b Σ_t x · y = Σ_{t, b} x · y
    let domain = operands(value).reduce(Domain.empty) { $0.union(type($1).domain) }
    guard canMerge(over, inner, of: domain) else { return nil }
    return make(.product(contraction, over: inner.union(over)), operands(value))
  }
}
