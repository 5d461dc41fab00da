internal import EbbGraph
internal import EbbTensors

/// Replaces values by simpler ones that are equal, one node at a time, operands first.
///
/// No rule assumes that a value is finite (x · 0 and x − x remain). The only liberty is the sign of a zero: x + 0 is x.
struct SimplifyAlgebra: Pass {
  /// The name of a second or later round ends in its number.
  var round = 1
  var name: String { "simplify-algebra" + (round == 1 ? "" : "-\(round)") }
  var purpose: String { "replaces values by simpler ones that are equal" }

  func run(_ graph: Graph) -> Graph { graph.rewritten { $0.simplified($1) } }
}

extension GraphEditor {
  /// A simpler node of the same value and type, or nil.
  fileprivate mutating func simplified(_ node: NodeID) -> NodeID? {
    switch operation(node).kind {
    case .elementwise:
      if let simpler = simplifiedElementwise(node) { return conform(simpler, to: type(node)) }
      return repeatedLater(node) ?? broadcastLater(node) ?? withoutRepetition(node)
    case .product:
      return simplifiedProduct(node) ?? withoutRepetition(node)
    case .copy, .rearrangement, .reduction, .selection, .shift:
      return simplifiedFeatures(node) ?? simplifiedAxes(node).flatMap { conform($0, to: type(node)) }
    case .leaf, .number, .identity, .mixing:
      return nil
    }
  }

  /// The node with operands broadcast only as far as its type requires: the operation broadcasts them itself.
  private mutating func withoutRepetition(_ node: NodeID) -> NodeID? {
    var operands = self.operands(node)
    var isChanged = false
    for position in operands.indices {
      var inner = operands[position]
      while isRepetition(inner, forElementwise: operation(node).isElementwise) { inner = operand(inner, 0) }
      guard inner != operands[position] else { continue }
      var candidate = operands
      candidate[position] = inner
      let inferred = try? graph.inferType(operation(node), candidate.map { type($0) })
      if inferred == type(node) {
        operands = candidate
        isChanged = true
      }
    }
    return isChanged ? make(operation(node), operands) : nil
  }

  /// f(spread x) = spread f(x): a value that is constant along an axis is computed once.
  private mutating func repeatedLater(_ node: NodeID) -> NodeID? {
    let operands = self.operands(node)
    var added: Domain?
    for case .spread(let axes) in operands.map({ operation($0) }) {
      guard added ?? axes == axes else { return nil }
      added = axes
    }
    guard let added else { return nil }
    var inner: [NodeID] = []
    for operand in operands {
      let isSpread = operation(operand) == .spread(added)
      guard isSpread || type(operand).domain.isDisjoint(with: added) else { return nil }
      inner.append(isSpread ? self.operand(operand, 0) : operand)
    }
    return conform(make(operation(node), inner), to: type(node))
  }

  /// f(broadcast x) = broadcast f(x): a value that is constant over features is computed once.
  private mutating func broadcastLater(_ node: NodeID) -> NodeID? {
    guard type(node).shape.rank > 0 else { return nil }
    var inner = operands(node)
    for position in inner.indices {
      while case .broadcast = operation(inner[position]) { inner[position] = operand(inner[position], 0) }
      guard type(inner[position]).shape.rank == 0 else { return nil }
    }
    return conform(make(operation(node), inner), to: type(node))
  }

  /// Whether a node broadcasts its operand over axes, or a scalar over features.
  private func isRepetition(_ node: NodeID, forElementwise: Bool) -> Bool {
    if case .spread = operation(node) { return true }
    if forElementwise, case .broadcast = operation(node) { return type(operand(node, 0)).shape.rank == 0 }
    return false
  }
}
