internal import EbbGraph

/// Chains of additions, treated as lists of terms.
extension GraphEditor {
  func isSum(_ node: NodeID) -> Bool { operation(node) == .binary(.add) }

  /// Whether the node is a sum that is not itself a term of a larger one.
  func isWholeSum(_ node: NodeID) -> Bool {
    guard isSum(node) else { return false }
    guard let user = onlyUser(of: node) else { return true }
    return !isSum(user)
  }

  /// The terms of the sum at `root` from left to right, through additions without other uses.
  func terms(of root: NodeID) -> [NodeID] {
    var result: [NodeID] = []
    var pending = [operand(root, 1), operand(root, 0)]
    while let node = pending.popLast() {
      if isSum(node), useCount(node) == 1 {
        pending.append(operand(node, 1))
        pending.append(operand(node, 0))
      } else {
        result.append(node)
      }
    }
    return result
  }

  /// ((a + b) + c) + …
  mutating func sum(_ terms: [NodeID]) -> NodeID {
    var result = terms[0]
    for term in terms.dropFirst() { result = make(.binary(.add), [result, term]) }
    return result
  }
}

extension Graph {
  /// The operands that a node needs in the same step.
  func uncarriedOperands(_ node: NodeID) -> ArraySlice<NodeID> {
    operation(node).shift == nil ? operands(node) : operands(node).dropFirst()
  }

  func isProduct(_ node: NodeID) -> Bool {
    if case .product = operation(node) { true } else { false }
  }

  func isOuterProduct(_ node: NodeID) -> Bool {
    if case .product(.outer, _) = operation(node) { true } else { false }
  }

  /// The products and all nodes that depend on them.
  var fromProducts: NodeSet { descendants(of: nodes.filter(isProduct)) }
}
