internal import EbbGraph
internal import EbbTensors

/// The rules for operations that move, broadcast or reduce features.
extension GraphEditor {
  mutating func simplifiedFeatures(_ node: NodeID) -> NodeID? {
    let x = operand(node, 0)
    let type = type(node)
    let operation = operation(node)
    if case .transpose(let i, let j) = operation {
      if i == j { return x }
      // (xᵀ)ᵀ = x
      if case .transpose(let a, let b) = self.operation(x), Set([a, b]) == Set([i, j]) { return operand(x, 0) }
    }
    if case .reshape(let shape) = operation {
      if self.type(x).shape == shape { return x }
      // Only the last of several shapes counts.
      if case .reshape = self.operation(x) {
        let source = operand(x, 0)
        return self.type(source).shape == shape ? source : make(.reshape(shape), [source])
      }
    }
    if case .broadcast(let dimension, 1) = operation {
      return make(.reshape(self.type(x).shape.inserting(1, at: dimension)), [x])
    }
    if case .concatenate(let dimension) = operation {
      let simpler = concatenate(operands(node), dimension)
      return simpler == node ? nil : conform(simpler, to: type)
    }
    if case .slice(let dimension, let start, let count) = operation {
      let simpler = slice(x, dimension, start, count)
      return simpler == node ? nil : simpler
    }
    if case .pad(let dimension, let before, let after) = operation {
      if before == 0, after == 0 { return x }
      // Zeros around zeros.
      if case .pad(dimension, let innerBefore, let innerAfter) = self.operation(x) {
        let pad = Operation.pad(dimension: dimension, before: before + innerBefore, after: after + innerAfter)
        return make(pad, [operand(x, 0)])
      }
    }
    if case .reduceFeatures(let reduction, let dimension) = operation {
      return simplifiedReduction(node, reduction, dimension, of: x)
    }
    return nil
  }

  private mutating func simplifiedReduction(
    _ node: NodeID, _ reduction: FeatureReduction, _ dimension: Int, of x: NodeID
  ) -> NodeID? {
    let isOfOne = type(x).shape[dimension] == 1
    let isOfNegated = operation(x) == .unary(.negate)
    switch reduction {
    case .sum, .mean:
      // The sum and the mean of one entry are the entry; Σ (−x) = −Σ x.
      if isOfOne { return make(.reshape(type(node).shape), [x]) }
      return isOfNegated ? make(.unary(.negate), [make(operation(node), [operand(x, 0)])]) : nil
    case .max:
      return isOfOne ? make(.reshape(type(node).shape), [x]) : nil
    case .norm:
      // The norm of one entry is its magnitude; ‖−x‖ = ‖x‖.
      if isOfOne { return make(.unary(.absolute), [make(.reshape(type(node).shape), [x])]) }
      return isOfNegated ? make(operation(node), [operand(x, 0)]) : nil
    }
  }
}
